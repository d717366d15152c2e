"""How does the catalogue change: modules, features, scenarios, milestones, metrics?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.traces import leave_audit
from accounts.models import User
from common.errors import Refused
from common.jobs import enqueue
from usage.models import Feature, Metric, Milestone, Module, Scenario

Entry = Module | Feature | Scenario | Milestone | Metric
Row = TypeVar("Row", Module, Feature, Scenario, Milestone, Metric)


@transaction.atomic
def add_to_catalogue(row: Row, *, by: User | None, at: dt.datetime, features: Iterable[Feature] | None = None) -> Row:
    """Add a module, feature, scenario, milestone or metric."""
    _check(row)
    row.save()
    if isinstance(row, Scenario) and features is not None:
        row.features.set(features)
    leave_audit(f"{row._meta.model_name}.added", row, by=by, at=at, changes={"external_id": [None, row.external_id]})
    return row


@transaction.atomic
def change_catalogue(
    *, row: Row, by: User | None, at: dt.datetime, features: Iterable[Feature] | None = None, **values: Any
) -> Row:
    """Change an entry; where a feature's kind changes, the days on which it was used are counted anew."""
    locked: Row = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    changes = differences(locked, values)
    for name, value in values.items():
        setattr(locked, name, value)
    _check(locked)
    if isinstance(locked, Scenario) and features is not None:
        before = sorted(locked.features.values_list("pk", flat=True))
        locked.features.set(features)
        after = sorted(locked.features.values_list("pk", flat=True))
        changes |= {"features": [before, after]} if before != after else {}
    if not changes:
        return locked
    locked.save()
    leave_audit(f"{locked._meta.model_name}.changed", locked, by=by, at=at, changes=changes)
    if "kind" in changes:
        enqueue("usage.refresh_days_of_feature", key=f"feature:{locked.pk}", feature_id=locked.pk)
    return locked


@transaction.atomic
def delete_from_catalogue(*, row: Entry, by: User | None, at: dt.datetime) -> None:
    """Take an entry away that nothing points at; one in use is kept."""
    if isinstance(row, Metric) and row.readings.exists():
        raise Refused(_("This metric has readings, so it is kept."), code="in_use")
    if isinstance(row, Milestone) and row.reached.exists():
        raise Refused(_("Accounts have reached this milestone, so it is kept."), code="in_use")
    if isinstance(row, Module) and row.features.exists():
        raise Refused(_("This module has features, so it is kept."), code="in_use")
    if isinstance(row, Feature) and (row.events.exists() or row.usage_days.exists()):
        raise Refused(_("This feature was used. Retire it instead."), code="in_use")
    leave_audit(f"{row._meta.model_name}.deleted", row, by=by, at=at, changes={"external_id": [row.external_id, None]})
    row.delete()


def _check(row: Entry) -> None:
    """Refuse in words what the database would refuse."""
    others: QuerySet[Any] = type(row)._default_manager.exclude(pk=row.pk)
    if others.filter(external_id=row.external_id).exists():
        raise Refused(_("This external id is in use."), field="external_id", code="unique")
    if isinstance(row, Milestone) and row.is_core_process and others.filter(is_core_process=True).exists():
        raise Refused(_("Another milestone means the core process already."), field="is_core_process")
