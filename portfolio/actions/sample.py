"""How does the sample book leave again, without what people have added of their own?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit
from accounts.models import Account, Organisation, Product, Tag, User
from common import jobs
from common.errors import Refused
from roadmap.models import FeatureRequest
from usage.models import Feature, Metric, Milestone, Module, Scenario

BATCH = 10
# What sample accounts stand on; of these only what nothing of one's own has come to use goes.
GROUND: tuple[type[models.Model], ...] = (Scenario, Feature, Module, Milestone, Metric, FeatureRequest, Product, Tag)


@transaction.atomic
def ask_to_remove_sample(*, by: User, at: dt.datetime) -> None:
    """Have the sample book removed in the background."""
    organisation = Organisation.objects.select_for_update().filter(pk=1).first()
    if organisation is None or organisation.sample_loaded_at is None:
        raise Refused(_("There is no sample data."))
    leave_audit("sample.removal_asked", organisation, by=by, at=at)
    jobs.enqueue("portfolio.remove_sample", key="all", user_id=by.pk)


def remove_sample(*, by: User | None, at: dt.datetime, told: Callable[[int, int], object] | None = None) -> int:
    """Delete the accounts that came with the sample and all that belongs to them; again is harmless.

    People, teams, settings, scorecards and playbooks stay, and so does every account that was added since.
    """
    organisation = Organisation.load()
    loaded_at = organisation.sample_loaded_at
    if loaded_at is None:
        return 0
    ids = list(Account.objects.filter(created_at__lte=loaded_at).order_by("-pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        with transaction.atomic():
            Account.objects.filter(pk__in=ids[start : start + BATCH]).delete()
        if told:
            told(min(start + BATCH, len(ids)), len(ids))
    with transaction.atomic():
        _clear_ground()
        Organisation.objects.filter(pk=1).update(sample_loaded_at=None)
        leave_audit("sample.removed", organisation, by=by, at=at, changes={"accounts": [len(ids), 0]})
    # Months and rates of the whole book follow from what is left.
    jobs.enqueue("revenue.derive_movements", key="all")
    jobs.enqueue("portfolio.follow_import", key="all")
    return len(ids)


def _clear_ground() -> None:
    """Delete the catalogue of the sample, as far as nothing uses it."""
    for model in GROUND:
        for row in model._default_manager.all():
            try:
                with transaction.atomic():
                    _refuse_used(row)
                    row.delete()
            except (models.ProtectedError, Refused):
                continue


def _refuse_used(row: models.Model) -> None:
    """Refuse to delete what a row of one's own points at, also where deleting would not be refused by itself."""
    for relation in row._meta.related_objects:
        if (
            relation.on_delete is models.CASCADE
            and relation.related_model._default_manager.filter(**{relation.field.name: row}).exists()
        ):
            raise Refused("in use")
