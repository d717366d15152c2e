"""How is the effect of all playbooks written down for a night?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.db.models import Count, Q

from playbooks.actions.effect.observing import observe_starts, read_outcomes
from playbooks.models import EffectEstimate, EffectPolicy, EffectRecord, EffectSubject
from playbooks.queries.effect.estimates import estimates_of
from playbooks.queries.effect.figures import Figures, Key, figures_of

Told = Callable[[int, int], None]


def measure_effect(*, on: dt.date, told: Told = lambda *_: None) -> dict[str, int]:
    """Observe new starts, read outcomes that have come, and write each playbook's effect; twice a day is once."""
    observed = observe_starts(on=on, told=told)
    read = read_outcomes(on=on)
    return {"observed": observed, "read": read, "written": _write(on)}


@transaction.atomic
def _write(on: dt.date) -> int:
    policy, figures = EffectPolicy.load(), figures_of(on)
    treated = _treated()
    EffectRecord.objects.filter(on=on).delete()
    records = EffectRecord.objects.bulk_create(_record(key, one, treated, on) for key, one in figures.items())
    estimates = []
    for record in records:
        subjects = EffectSubject.objects.filter(playbook=record.playbook_id)
        if record.version_id is not None:
            subjects = subjects.filter(run__version=record.version_id)
        for estimate in estimates_of(subjects, policy):
            estimate.record = record
            estimates.append(estimate)
    EffectEstimate.objects.bulk_create(estimates, batch_size=500)
    return len(records)


def _treated() -> dict[Key, tuple[int, int]]:
    """How many accounts were treated, and how many of them have a partner, by playbook and version."""
    found: dict[Key, tuple[int, int]] = {}
    beside = Count("run__effect_subjects", filter=Q(run__effect_subjects__is_treated=False))
    rows = EffectSubject.objects.filter(is_treated=True).annotate(beside=beside).order_by()
    for playbook, version, partners in rows.values_list("playbook", "run__version", "beside").iterator():
        for key in ((playbook, None), (playbook, version)):
            count, matched = found.get(key, (0, 0))
            found[key] = (count + 1, matched + bool(partners))
    return found


def _record(key: Key, figures: Figures, treated: dict[Key, tuple[int, int]], on: dt.date) -> EffectRecord:
    count, matched = treated.get(key, (0, 0))
    return EffectRecord(
        playbook_id=key[0],
        version_id=key[1],
        on=on,
        started=figures.started,
        ended=figures.ended,
        reached=figures.reached,
        treated=count,
        matched=matched,
        tasks_due=figures.tasks_due,
        tasks_on_time=figures.tasks_on_time,
        lead_count=len(figures.leads),
        lead_days=figures.lead_days,
    )
