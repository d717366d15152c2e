"""Does the trainer find what is there in books that others wrote, and nothing where nothing is?

The books are not part of the project: tests are skipped where MAINSTAY_SAMPLE_DATA, or ../shared/data beside the
project, is absent. Small parts of them; `run.py bench churn_model` takes them whole.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from health.actions.churn import train_churn_model
from health.actions.fitting import fit_columns
from health.models import WarningRule
from health.queries.track_record import track_record
from health.rules.evaluation import roc_auc
from tests.health import third_party

pytestmark = pytest.mark.skipif(not third_party.DATA.is_dir(), reason="the third-party books are not on this machine")


@pytest.mark.django_db
def test_churn10k_is_foreseen_out_of_time():
    third_party.load_churn10k(lambda number: number % 9 == 0)
    WarningRule.objects.all().delete()
    model = train_churn_model(on=third_party.LAST_OBSERVED, at=third_party.SPEAK)
    assert model.is_used
    assert model.learnt_until + dt.timedelta(days=90) <= model.tested_from
    assert model.measures["model"]["auc"][0] >= 0.90
    assert model.measures["model"]["average_precision"] > 5 * model.measures["model"]["base_rate"]


@pytest.mark.django_db
def test_ravenstack_is_said_to_tell_nothing():
    third_party.load_ravenstack(with_usage=False)
    WarningRule.objects.all().delete()
    on = dt.date(2024, 12, 31)
    model = train_churn_model(on=on, at=third_party.SPEAK)
    assert (model.verdict, model.is_used) == ("no_signal", False)
    assert model.measures["model"]["auc"][0] == pytest.approx(0.5, abs=0.06)
    priors = [line for line in track_record(on) if line.subject == "prior"]
    assert {line.verdict for line in priors} == {"chance"}


def test_telco_is_sorted_as_well_as_is_published():
    x, left, names = third_party.telco()
    order = np.random.default_rng(1).permutation(len(left))
    learn, held = order[len(order) // 5 :], order[: len(order) // 5]
    fitted = fit_columns(x[learn], left[learn], names, days=np.arange(len(learn)), horizon=0)
    found = roc_auc(fitted.risk(x[held], names), left[held])
    assert found is not None
    assert found.value >= 0.83
