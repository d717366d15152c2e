"""Is a model used only where it is better, does it say why when it is not, and does each risk give its reasons?"""

from __future__ import annotations

import datetime as dt
import io
import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent
from common import jobs
from health.actions import fitting
from health.actions.churn import change_churn_settings, score_churn_risk, train_churn_model
from health.actions.fitting import CannotFit, fit_columns
from health.models import ChurnModel, ChurnRisk, ChurnSettings, TrackRecord
from health.rules.features import SOURCES, Facts
from tests.factories import make_user
from tests.health.book import AT, ON, ago, make_account, make_feature, make_line, use
from tests.health.churn_book import make_history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_rules")]


def columns(rows: int = 600) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of which the first figure tells who leaves, the second nothing; and their days."""
    rng = np.random.default_rng(1)
    left = rng.random(rows) < 0.2
    x = np.column_stack([rng.normal(left * 2.0, 1), rng.normal(size=rows)])
    return x, left, np.repeat(np.arange(rows // 50) * 30, 50)


def test_a_history_that_tells_gives_a_model_that_is_used():
    make_history()
    model = train_churn_model(on=ON, at=AT)
    assert (model.verdict, model.is_used, model.number) == ("used", True, 1)
    assert model.churns >= 50
    assert model.learnt_until + dt.timedelta(days=90) <= model.tested_from
    assert model.measures["model"]["auc"][0] > 0.85 > model.measures["prior"]["auc"][0]
    json.dumps(model.parameters)  # plain numbers and nothing else
    score_churn_risk(on=ON, at=AT)
    risk = ChurnRisk.objects.order_by("-p90").first()
    assert risk is not None
    assert risk.model == model
    assert risk.p365 >= risk.p90
    assert risk.reasons[0][0].startswith("reading:calls:")


def test_a_history_that_tells_nothing_gives_none_and_says_so():
    make_history(tells=False)
    model = train_churn_model(on=ON, at=AT)
    assert (model.is_used, model.verdict) in [(False, "no_signal"), (False, "not_better")]
    score_churn_risk(on=ON, at=AT)
    assert set(ChurnRisk.objects.values_list("model", flat=True)) == {None}


@pytest.mark.parametrize(
    ("book", "verdict"),
    [
        ({"accounts": 80, "losses": 20}, "too_few_churns"),
        ({"accounts": 20, "losses": 0}, "one_class"),
    ],
)
def test_too_little_to_learn_from_keeps_the_published_figures(book: dict[str, int], verdict: str):
    make_history(**book)
    model = train_churn_model(on=ON, at=AT)
    assert (model.verdict, model.is_used, model.parameters) == (verdict, False, {})


def test_an_empty_book_and_a_short_history_are_said_to_be_too_short():
    assert train_churn_model(on=ON, at=AT).verdict == "too_short"
    make_line(make_account(), ago(100))
    assert train_churn_model(on=ON, at=AT).verdict == "too_short"
    assert score_churn_risk(on=ON, at=AT) == 1


def test_a_planted_leak_makes_no_model():
    make_history(60, 55)

    def loss_ahead(facts: Facts, day: int) -> dict[str, np.ndarray]:
        return {"loss_ahead": facts.rows["ended"].count(facts.accounts, day + 1, day + 90)}

    model = train_churn_model(on=ON, at=AT, sources=[*SOURCES, loss_ahead])
    assert (model.verdict, model.is_used) == ("leak", False)


def test_a_newer_training_replaces_the_model_before_it():
    make_history()
    first = train_churn_model(on=ON, at=AT)
    ChurnSettings.objects.create(pk=1, least_churns=5000)
    second = train_churn_model(on=ON, at=AT)
    first.refresh_from_db()
    assert (first.is_used, first.verdict, second.verdict) == (False, "replaced", "too_few_churns")


@pytest.mark.parametrize("kind", ["logistic", "trees"])
def test_the_stored_form_answers_as_the_library_does(kind: str, monkeypatch: pytest.MonkeyPatch):
    x, left, _days = columns()
    x[::7, 0] = np.nan
    monkeypatch.setattr(fitting, "TOLERANCE", 1e-9)
    parameters = fitting._fit(kind, x, left)  # compares with the library, or refuses
    assert json.loads(json.dumps(parameters)) == parameters


def test_missing_constant_and_empty_figures_are_left_out():
    x, left, days = columns()
    nearly_gone = np.where(np.arange(len(left)) % 100 == 0, 1.0, np.nan)
    wide = np.column_stack([x, np.ones(len(left)), nearly_gone, np.full(len(left), np.nan)])
    names = ["tells", "noise", "constant", "nearly_gone", "gone"]
    fitted = fit_columns(wide, left, names, days=days, horizon=30)
    assert set(fitted.names) == {"tells", "noise"}
    assert 0 <= fitted.risk(wide, names).min() <= fitted.risk(wide, names).max() <= 1


@pytest.mark.parametrize("case", ["one_class", "no_figures"])
def test_what_cannot_be_fitted_is_refused_with_its_reason(case: str):
    x, left, days = columns()
    if case == "one_class":
        left = np.zeros(len(left), dtype=bool)
    else:
        x = np.ones(x.shape)
    with pytest.raises(CannotFit, match=case):
        fit_columns(x, left, ["a", "b"], days=days, horizon=30)


def test_almost_everything_missing_still_trains_or_says_why():
    make_history(known=0.01)
    model = train_churn_model(on=ON, at=AT)
    assert model.verdict in ("used", "no_signal", "not_better", "no_figures")


def test_the_prior_moves_with_the_warnings_and_says_by_what():
    silent, busy = make_account("Ada"), make_account("Bob")
    core = make_feature("core", "core")
    for account in (silent, busy):
        make_line(account)
        use(account, ago(20), core)
    use(busy, ON, core)
    assert score_churn_risk(on=ON, at=AT) == 2
    ada, bob = ChurnRisk.objects.order_by("account_id")
    assert ada.p90 > bob.p90
    assert {key for key, _ in ada.reasons} - {key for key, _ in bob.reasons} == {"silent_7d"}
    assert ada.model is None


def test_scoring_again_changes_nothing_and_who_left_has_no_risk():
    ada = make_account("Ada")
    line = make_line(ada)
    make_line(make_account("Bob"))
    score_churn_risk(on=ON, at=AT)
    before = list(ChurnRisk.objects.values())
    score_churn_risk(on=ON, at=AT)
    assert list(ChurnRisk.objects.values()) == before
    line.ends_on = ON
    line.save()
    score_churn_risk(on=ON, at=AT, account_ids=[ada.pk])
    assert ChurnRisk.objects.count() == 1


def test_a_change_of_the_settings_is_written_down():
    boss = make_user()
    change_churn_settings(by=boss, at=AT, effects={"silent_7d": 5.0})
    assert {effect.key: effect.value for effect in ChurnSettings.load().prior.effects}["silent_7d"] == 5
    assert AuditEvent.objects.get().verb == "churn_settings.changed"
    change_churn_settings(by=boss, at=AT, effects={"silent_7d": 5.0})
    assert AuditEvent.objects.count() == 1


def test_the_nightly_job_trains_once_a_week_scores_and_judges():
    make_line(make_account())
    ran = []
    for _night in range(2):
        jobs.enqueue("health.predict_churn", once=f"churn@{len(ran)}")
        from django.utils import timezone

        while jobs.run_due(timezone.now()):
            pass
        ran.append(ChurnModel.objects.count())
    assert ran == [1, 1]
    assert ChurnRisk.objects.count() == 1
    assert TrackRecord.objects.filter(subject="prior").count() == 4


def test_an_operator_trains_and_reads_what_came_out():
    make_line(make_account(), dt.date(2025, 1, 1))
    out = io.StringIO()
    call_command("train_churn_model", "--on", "2026-06-30", "--format", "json", stdout=out)
    said = json.loads(out.getvalue())
    assert (said["verdict"], said["is_used"], said["on"]) == ("one_class", False, "2026-06-30")
    out = io.StringIO()
    call_command("train_churn_model", "--on", "2026-06-30", stdout=out)
    assert "nobody left" in out.getvalue()
    with pytest.raises(CommandError, match="--on must be a date"):
        call_command("train_churn_model", "--on", "soon")
