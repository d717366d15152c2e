"""What would the ten indicators and the score be, worked out slowly: one account at a time, in plain exact arithmetic?

The set-based queries are held against this by tests and by the benchmark. It shares no code with them.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from accounts.models import Account
from revenue.models import ContractLine, Movement, Renewal
from usage.models import (
    AccountUsageDay,
    Feature,
    FeatureUsageDay,
    Milestone,
    MilestoneReached,
    Scenario,
    SurveyAnswer,
    Ticket,
)

Values = dict[str, Fraction | None]
STAGE: dict[str, Fraction] = {
    "not_started": Fraction(0),
    "in_talks": Fraction(1, 2),
    "committed": Fraction(4, 5),
    "won": Fraction(1),
}
EXPECTED = [
    (0, Fraction(1)),
    (30, Fraction(4, 5)),
    (60, Fraction(65, 100)),
    (90, Fraction(1, 2)),
    (120, Fraction(1, 4)),
]


def values_of(account: Account, on: dt.date) -> Values:
    """The ten values of one account on a day (in UTC)."""
    first = on - dt.timedelta(days=29)
    days = list(AccountUsageDay.objects.filter(account=account, day__lte=on))
    now = [day for day in days if day.day >= first]
    fed = AccountUsageDay.objects.filter(day__gte=on - dt.timedelta(days=30), day__lte=on).exists()
    uses = list(FeatureUsageDay.objects.filter(account=account, day__lte=on).select_related("feature"))
    lately = [use for use in uses if use.day >= first]
    people = {use.person for use in lately if use.person}
    deep = {use.person for use in lately if use.person and use.feature.kind == "advanced"}
    named = any(day.people for day in days)
    may = _entitled(account, on)
    used = {use.feature_id for use in lately} & may
    jobs = [set(job.features.values_list("pk", flat=True)) for job in Scenario.objects.all()]
    open_jobs = [job for job in jobs if job and job <= may]
    user_days = sum(day.people for day in now)
    values: Values = {
        "login_frequency": Fraction(len(now), 30) if days else None,
        "feature_coverage": Fraction(len(used), len(may)) if may and uses else None,
        "core_intensity": _rate(sum(day.core_events for day in now), user_days, named),
        "advanced_penetration": _rate(len(deep), len(people), named)
        if Feature.objects.filter(kind="advanced").exists()
        else None,
        "scenario_coverage": Fraction(sum(job <= used for job in open_jobs), len(open_jobs))
        if open_jobs and uses
        else None,
    }
    if not fed:
        values = dict.fromkeys(values)
    return values | {
        "milestone_rate": _milestone_rate(account, on),
        "nps": _nps(account, on),
        "issue_resolution": _issue_resolution(account, on),
        "renewal_progress": _renewal_progress(account, on),
        "expansion_density": _expansion_density(account, on),
    }


def score_of(definition: dict[str, Any], values: Values) -> tuple[Decimal | None, Decimal]:
    """Score and coverage, exactly; for scorecards of lines."""
    rows = [(group["key"], row) for group in definition["groups"] for row in group["indicators"]]
    known = [(group, row) for group, row in rows if values[row["key"]] is not None and row["weight"]]
    full = {
        group: sum((Fraction(str(row["weight"])) for other, row in rows if other == group), Fraction(0))
        for group, _ in rows
    }
    found = {
        group: sum((Fraction(str(row["weight"])) for other, row in known if other == group), Fraction(0))
        for group, _ in known
    }
    standing = sum(full[group] for group in found)
    total = Fraction(0)
    for group, row in known:
        value = values[row["key"]]
        assert value is not None
        value = Fraction(_decimal(value, "0.00000001"))  # as values are stored
        red, green = Fraction(str(row["red"])), Fraction(str(row["green"]))
        score = min(max((value - red) / (green - red), Fraction(0)), Fraction(1)) * 100
        total += Fraction(str(row["weight"])) * full[group] / found[group] / standing * score
    coverage = sum(found.values(), Fraction(0)) / 100
    return (_decimal(total, "0.01") if known else None), _decimal(coverage, "0.0001")


def _decimal(value: Fraction, exponent: str) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal(exponent), ROUND_HALF_UP)


def _rate(part: int, whole: int, before: bool) -> Fraction | None:
    if whole:
        return Fraction(part, whole)
    return Fraction(0) if before else None


def _entitled(account: Account, on: dt.date) -> set[int]:
    lines = [line for line in ContractLine.objects.filter(account=account) if _runs(line, on)]
    features = Feature.objects.filter(module__product__in={line.product_id for line in lines})
    return {feature.pk for feature in features if feature.retired_on is None or feature.retired_on > on}


def _runs(line: ContractLine, on: dt.date) -> bool:
    return line.starts_on <= on and (line.ends_on is None or on < line.ends_on)


def _milestone_rate(account: Account, on: dt.date) -> Fraction | None:
    if account.signed_on is None:
        return None
    due = [row for row in Milestone.objects.all() if account.signed_on + dt.timedelta(days=row.due_after_days) <= on]
    reached = MilestoneReached.objects.filter(account=account, on__lte=on, milestone__in=due).count()
    return Fraction(reached, len(due)) if due else None


def _nps(account: Account, on: dt.date) -> Fraction | None:
    latest: dict[Any, int] = {}
    after = on - dt.timedelta(days=180)
    for row in SurveyAnswer.objects.filter(account=account, kind="nps").order_by("answered_on", "pk"):
        if after < row.answered_on <= on:
            latest[row.contact_id or f"nobody {row.pk}"] = row.score
    scores = list(latest.values())
    if not scores:
        return None
    return Fraction(100 * (sum(s >= 9 for s in scores) - sum(s <= 6 for s in scores)), len(scores))


def _issue_resolution(account: Account, on: dt.date) -> Fraction | None:
    end = dt.datetime.combine(on + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)
    due = in_time = 0
    for row in Ticket.objects.filter(account=account, opened_at__gte=end - dt.timedelta(days=90), opened_at__lt=end):
        done = row.resolved_at if row.resolved_at and row.resolved_at < end else None
        due += bool(done or row.target_at < end)
        in_time += bool(done and done <= row.target_at)
    return Fraction(in_time, due) if due else None


def _renewal_progress(account: Account, on: dt.date) -> Fraction | None:
    lines = ContractLine.objects.filter(account=account)
    worst = Fraction(1) if any(line.starts_on <= on for line in lines) else None
    renewals = []
    for row in Renewal.objects.filter(account=account):
        left = (row.due_on - on).days
        if 0 < left <= 180 or (-90 < left <= 0 and row.stage in ("not_started", "in_talks", "committed")):
            renewals.append(row)
    for row in renewals:
        if row.stage_changed_on and row.stage_changed_on > on:
            return None
        value = Fraction(row.stage == "won") if row.stage in ("won", "lost") else _talks(row.due_on, row.stage, on)
        worst = value if worst is None else min(worst, value)
    running = [line for line in lines if _runs(line, on)]
    ends = [None if line.notice_on and line.notice_on > on else line.ends_on for line in running]
    if ends and None not in ends:
        last = max(end for end in ends if end)
        if (last - on).days <= 180 and all(abs((row.due_on - last).days) > 31 for row in renewals):
            assert worst is not None
            worst = min(worst, _talks(last, "not_started", on))
    return worst


def _talks(due: dt.date, stage: str, on: dt.date) -> Fraction:
    left = (due - on).days
    wanted = next((least for days, least in EXPECTED if left <= days), Fraction(0))
    return 1 - max(wanted - STAGE[stage], Fraction(0))


def _expansion_density(account: Account, on: dt.date) -> Fraction | None:
    moves = [row for row in Movement.objects.filter(account=account) if row.on <= on]
    if not moves and not any(line.starts_on <= on for line in ContractLine.objects.filter(account=account)):
        return None
    after = on - dt.timedelta(days=365)
    return Fraction(len({row.on for row in moves if row.kind == "expansion" and row.on > after}))
