"""How do requests and the voices behind them come in, from a list that product management kept elsewhere?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from common.jobs import enqueue
from portfolio.importing.targets.base import (
    Context,
    Flaw,
    Target,
    Values,
    choice,
    day,
    identifier,
    link,
    text,
    whole,
    yes_no,
)
from roadmap.actions import answer_newcomers
from roadmap.models import FeatureRequest, RequestEvidence
from roadmap.queries import root_of

State = FeatureRequest.State
DECIDED = ("state", "decline_reason", "shipped_on")


def _check_request(row: Values, context: Context) -> Iterable[Flaw]:
    if row.get("state") == State.DECLINED and not row.get("decline_reason"):
        yield "decline_reason", _("is missing, though the request was declined")
    if row.get("decline_reason") and row.get("state") != State.DECLINED:
        yield "decline_reason", _("is given, though the request was not declined")
    yield from _not_ahead(row, "created_on", context)


def _check_voice(row: Values, context: Context) -> Iterable[Flaw]:
    yield from _not_ahead(row, "asked_on", context)


def _not_ahead(row: Values, name: str, context: Context) -> Iterable[Flaw]:
    if row.get(name) and row[name] > context.today:
        yield name, _("lies in the future")


def _date_request(row: Values, context: Context) -> None:
    """A request without a day was first asked when it came in."""
    row["created_on"] = row.get("created_on") or context.today


def _keep_decided(before: Values, row: Values) -> None:
    """What was decided here is not undone by an old file: who asked was told of it."""
    for name in DECIDED:
        if name in row:
            row[name] = before[name]
    if row.get("created_on") is None:
        row.pop("created_on", None)


def _keep_merged(before: Values, _row: Values) -> None:
    """A voice that was given for a merged request counts elsewhere, and is still the one of the file."""
    before["request_id"] = before["asked_as_id"] or before["request_id"]


def _compare_requests(created: Sequence[Any], changed: Sequence[Any], _context: Context) -> None:
    """Look for duplicates and rank anew, once for the whole file."""
    enqueue("roadmap.find_all_duplicates", key="all")
    enqueue("roadmap.rank_requests", key="all")


def _hear_voices(created: Sequence[Any], changed: Sequence[Any], context: Context) -> None:
    """Let voices for merged requests count where those went, and who asks for what is decided hear of it."""
    rows = list(
        RequestEvidence.objects.filter(pk__in=[row.pk for row in (*created, *changed)]).select_related("request")
    )
    asking: dict[FeatureRequest, set[int]] = defaultdict(set)
    roots: dict[int, FeatureRequest] = {}
    moved = []
    for row in rows:
        root = roots.setdefault(row.request_id, root_of(row.request) if row.request.merged_into_id else row.request)
        if root.pk != row.request_id:
            row.asked_as_id, row.request = row.request_id, root
            moved.append(row)
        asking[root].add(row.account_id)
    RequestEvidence.objects.bulk_update(moved, ["request", "asked_as"], batch_size=500)
    for request, accounts in asking.items():
        if request.state != State.NEW:
            answer_newcomers(request=request, account_ids=sorted(accounts), at=context.at)
    enqueue("roadmap.rank_requests", key="all")


TARGETS = (
    Target(
        "feature_requests",
        FeatureRequest,
        ("external_id",),
        (
            identifier(),
            text("title", 200, required=True),
            text("description", 10_000, lines=True),
            link("module", "modules"),
            choice("state", State, blank=State.NEW.value),
            text("decline_reason", 4_000, lines=True),
            day("created_on"),
            day("shipped_on"),
        ),
        check=_check_request,
        fill=_date_request,
        after=_compare_requests,
        link="external_id",
        keeps=_keep_decided,
        needs=DECIDED,
    ),
    Target(
        "request_evidence",
        RequestEvidence,
        ("external_id",),
        (
            identifier(),
            link("request", "feature_requests", required=True),
            link("account", "accounts", required=True),
            link("contact", "contacts"),
            text("verbatim", 10_000, lines=True),
            whole("importance", most=3, blank=RequestEvidence.Importance.USEFUL.value),
            yes_no("is_blocker"),
            day("asked_on", required=True),
            text("source", 60),
        ),
        check=_check_voice,
        after=_hear_voices,
        keeps=_keep_merged,
        needs=("asked_as_id", "request_id"),
    ),
)
