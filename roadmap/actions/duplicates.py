"""How do two requests become one without losing a voice, and two again?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit
from accounts.models import User
from common.errors import Refused
from roadmap.actions.loop import answer_newcomers, forget_waiting
from roadmap.actions.writing import rank_anew
from roadmap.models import DuplicatePair, FeatureRequest, RequestEvidence, RequestLink
from roadmap.models.gaps import KINDS
from roadmap.queries.duplicates import family_of, find_pairs, root_of

BATCH = 1_000


@dataclass(frozen=True)
class Parted:
    """What became of two requests that were parted again."""

    request: FeatureRequest
    kept: FeatureRequest
    # Voices that went back with it, and those of the other, which stay where they are.
    returned: int
    stayed: int


@transaction.atomic
def merge_requests(*, request: FeatureRequest, into: FeatureRequest, by: User, at: dt.datetime) -> FeatureRequest:
    """Make one request out of two: all voices and links count for the one that stays, and keep where they came from."""
    if request.pk == into.pk:
        raise Refused(_("A request cannot be merged into itself."), field="into")
    if request.merged_into_id is not None:
        raise Refused(_("This request was merged already. Part it first."), field="request")
    root = root_of(into)
    if root.pk == request.pk:
        raise Refused(_("That request was merged into this one; merging back would make a circle."), field="into")
    # Both are locked in one order, so that two who merge them crosswise do not wait for each other for ever.
    held = FeatureRequest.objects.select_for_update(of=("self",)).filter(pk__in={request.pk, root.pk}).order_by("pk")
    rows = {row.pk: row for row in held}
    gone, kept = rows[request.pk], rows[root.pk]
    if gone.merged_into_id is not None or kept.merged_into_id is not None:
        raise Refused(_("One of them was merged just now. Look again."), field="into")
    accounts = _move(gone, kept)
    gone.merged_into, gone.merged_at, gone.merged_by = kept, at, by
    gone.save(update_fields=["merged_into", "merged_at", "merged_by"])
    leave_audit("feature_request.merged", gone, by=by, at=at, changes={"merged_into": [None, kept.pk]})
    forget_waiting(request=gone, account_ids=accounts)
    answer_newcomers(request=kept, account_ids=accounts, at=at)
    rank_anew(gone.pk, kept.pk)
    return kept


def _move(gone: FeatureRequest, kept: FeatureRequest) -> list[int]:
    """Give the voices and links of one request to another; answers with the accounts whose voices moved."""
    voices = RequestEvidence.objects.filter(request=gone)
    accounts = list(voices.order_by().values_list("account", flat=True).distinct())
    voices.filter(asked_as=None).update(asked_as=gone)
    voices.update(request=kept)
    links = RequestLink.objects.filter(request=gone)
    # What hangs on both already stays where it is: it counts once.
    for kind in KINDS:
        both = RequestLink.objects.filter(request=kept, **{f"{kind}__isnull": False}).order_by().values(kind)
        links = links.exclude(Q(**{f"{kind}__in": both}))
    moving = list(links.values_list("pk", flat=True))
    RequestLink.objects.filter(pk__in=moving, linked_as=None).update(linked_as=gone)
    RequestLink.objects.filter(pk__in=moving).update(request=kept)
    return accounts


@transaction.atomic
def unmerge_request(*, request: FeatureRequest, by: User, at: dt.datetime) -> Parted:
    """Part a request from the one that it was merged into: each gets the voices that were given for it.

    A voice that came in since for the merged one goes with it; one for the other stays there.
    """
    if request.merged_into_id is None:
        raise Refused(_("This request was not merged."))
    root = root_of(request)
    held = FeatureRequest.objects.select_for_update(of=("self",)).filter(pk__in={request.pk, root.pk}).order_by("pk")
    rows = {row.pk: row for row in held}
    gone, kept = rows[request.pk], rows[root.pk]
    if gone.merged_into_id is None:
        raise Refused(_("This request was not merged."))
    family = family_of(gone)
    voices = RequestEvidence.objects.filter(request=kept, asked_as__in=family)
    accounts = list(voices.order_by().values_list("account", flat=True).distinct())
    returned = _give_back(voices, gone, "asked_as")
    _give_back(RequestLink.objects.filter(request=kept, linked_as__in=family), gone, "linked_as")
    gone.merged_into = gone.merged_at = gone.merged_by = None
    gone.save(update_fields=["merged_into", "merged_at", "merged_by"])
    leave_audit("feature_request.parted", gone, by=by, at=at, changes={"merged_into": [kept.pk, None]})
    forget_waiting(request=kept, account_ids=accounts)
    answer_newcomers(request=gone, account_ids=accounts, at=at)
    rank_anew(gone.pk, kept.pk)
    return Parted(gone, kept, returned, kept.evidence.count())


def _give_back(rows: Any, request: FeatureRequest, origin: str) -> int:
    pks = list(rows.values_list("pk", flat=True))
    everything = rows.model.objects.filter(pk__in=pks)
    everything.update(request=request)
    everything.filter(**{origin: request}).update(**{origin: None})
    return len(pks)


@transaction.atomic
def tell_apart(*, pair: DuplicatePair, by: User, at: dt.datetime) -> DuplicatePair:
    """Say that two requests are not the same: they are not suggested again."""
    locked = DuplicatePair.objects.select_for_update(of=("self",)).get(pk=pair.pk)
    if locked.dismissed_at is None:
        locked.dismissed_at, locked.dismissed_by = at, by
        locked.save(update_fields=["dismissed_at", "dismissed_by"])
        leave_audit("duplicate_pair.told_apart", locked, by=by, at=at)
    return locked


@transaction.atomic
def suggest_again(*, pair: DuplicatePair, by: User, at: dt.datetime) -> DuplicatePair:
    """Take back that two requests are not the same."""
    locked = DuplicatePair.objects.select_for_update(of=("self",)).get(pk=pair.pk)
    if locked.dismissed_at is not None:
        locked.dismissed_at = locked.dismissed_by = None
        locked.save(update_fields=["dismissed_at", "dismissed_by"])
        leave_audit("duplicate_pair.suggested_again", locked, by=by, at=at)
    return locked


@transaction.atomic
def find_duplicates(*, request_ids: Sequence[int] | None = None) -> int:
    """Keep which requests look alike, of some or of all; a pair that a person told apart stays so."""
    found = find_pairs(request_ids)
    old = DuplicatePair.objects.filter(dismissed_at=None)
    if request_ids is not None:
        old = old.filter(Q(one__in=request_ids) | Q(other__in=request_ids))
    old.delete()
    pairs = (
        DuplicatePair(one_id=one, other_id=other, likeness=share, shared_words=words)
        for (one, other), (share, words) in found.items()
    )
    DuplicatePair.objects.bulk_create(pairs, batch_size=BATCH, ignore_conflicts=True)
    return len(found)
