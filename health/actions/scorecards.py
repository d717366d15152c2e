"""How does a scorecard come into force?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actions import audit
from accounts.models import User
from common import text
from common.errors import Refused
from common.jobs import enqueue
from health.models import Scorecard, ScorecardVersion
from health.queries.editor import gone
from health.queries.indicators import SOURCES
from health.rules.conditions import parse_conditions
from health.rules.default import DEFAULT_DEFINITION
from health.rules.drafts import moved
from health.rules.scorecard import Scorecard as Definition
from health.rules.scorecard import ScorecardError, parse_scorecard

# Long before any fact, so that a whole imported history can be scored.
SHIPPED_ON = dt.date(2000, 1, 1)
SHIPPED_NAME = "Default"
LAST = 32_000
MOST_SCORECARDS = 50


@transaction.atomic
def ensure_default_scorecard() -> None:
    """Install the scorecard that comes with Mainstay where there is none at all, as the migration does."""
    if Scorecard.objects.exists():
        return
    card, made = Scorecard.objects.get_or_create(name=SHIPPED_NAME, defaults={"position": LAST})
    if made:
        at = dt.datetime.combine(SHIPPED_ON, dt.time(), tzinfo=dt.UTC)
        publish_version(scorecard=card, definition=DEFAULT_DEFINITION, effective_on=SHIPPED_ON, by=None, at=at)


@transaction.atomic
def publish_version(
    *,
    scorecard: Scorecard,
    definition: Any,
    effective_on: dt.date,
    by: User | None,
    at: dt.datetime,
    conditions: Any = (),
) -> ScorecardVersion:
    """Add the next version of a scorecard; earlier ones stay as they are, and so do the scores made with them."""
    check_definition(definition)
    check_conditions(list(conditions))
    Scorecard.objects.select_for_update().get(pk=scorecard.pk)
    last = scorecard.versions.aggregate(number=Max("number"), on=Max("effective_on"))
    if last["on"] is not None and effective_on < last["on"]:
        raise Refused(
            _("A later version is in force from %(day)s; start this one on that day or after.") % {"day": last["on"]},
            field="effective_on",
        )
    return ScorecardVersion.objects.create(
        scorecard=scorecard,
        number=(last["number"] or 0) + 1,
        effective_on=effective_on,
        definition=definition,
        conditions=list(conditions),
        published_at=at,
        published_by=by,
    )


@transaction.atomic
def add_scorecard(*, name: str, by: User, at: dt.datetime) -> Scorecard:
    """Make a scorecard, tried before all others; it scores nobody until a version of it is published."""
    name = _free_name(name)
    others = list(Scorecard.objects.select_for_update())
    if len(others) >= MOST_SCORECARDS:
        raise Refused(_("There are %(most)s scorecards already.") % {"most": MOST_SCORECARDS}, field="name")
    made = Scorecard.objects.create(name=name, position=0)
    _number([made, *others])
    audit.record("scorecard.added", by=by, at=at, obj=made, changes={"name": [None, name]})
    return made


@transaction.atomic
def rename_scorecard(*, scorecard: Scorecard, name: str, by: User, at: dt.datetime) -> Scorecard:
    """Call a scorecard something else."""
    name = _free_name(name, scorecard)
    changes = audit.differences(scorecard, {"name": name})
    if changes:
        scorecard.name = name
        scorecard.save(update_fields=["name"])
        audit.record("scorecard.renamed", by=by, at=at, obj=scorecard, changes=changes)
    return scorecard


@transaction.atomic
def move_scorecard(*, scorecard: Scorecard, steps: int, by: User, at: dt.datetime) -> None:
    """Try a scorecard earlier (−1) or later (1) than it was; holds from the next scoring on."""
    cards = list(Scorecard.objects.select_for_update())
    before = [card.pk for card in cards]
    cards = moved(cards, before.index(scorecard.pk), steps)
    if [card.pk for card in cards] != before:
        _number(cards)
        changes = {"order": [before, [card.pk for card in cards]]}
        audit.record("scorecard.moved", by=by, at=at, obj=scorecard, changes=changes)
        enqueue("health.score_book", key="all")


@transaction.atomic
def use_scorecard(*, scorecard: Scorecard, is_active: bool, by: User, at: dt.datetime) -> Scorecard:
    """Take a scorecard out of use, or into use again; its versions and the scores made with it stay."""
    cards = list(Scorecard.objects.select_for_update())
    others = [card for card in cards if card.is_active and card.pk != scorecard.pk]
    if not is_active and not any(card.versions.exists() for card in others):
        raise Refused(_("This is the last scorecard in use. Put another into use first."))
    changes = audit.differences(scorecard, {"is_active": is_active})
    if changes:
        scorecard.is_active = is_active
        scorecard.save(update_fields=["is_active"])
        audit.record("scorecard.used" if is_active else "scorecard.retired", by=by, at=at, obj=scorecard,
                     changes=changes)  # fmt: skip
        enqueue("health.score_book", key="all")
    return scorecard


def check_definition(definition: Any, *, is_draft: bool = False) -> Definition:
    """Refuse a definition that makes no sense, in words."""
    try:
        card = parse_scorecard(definition, is_draft=is_draft)
    except ScorecardError as error:
        raise Refused(_(error.message) % error.params, field="definition") from None
    for indicator in card.indicators:
        if indicator.source not in SOURCES:
            raise Refused(_("There is no measure “%(source)s”.") % {"source": indicator.source}, field="definition")
    missing = [] if is_draft else gone(card)
    if missing:
        raise Refused(
            _("“%(name)s” measures something that is gone: %(what)s.")
            % {"name": missing[0].indicator, "what": missing[0].name},
            field="definition",
        )
    return card


def check_conditions(conditions: Any) -> None:
    """Refuse conditions that make no sense, in words."""
    try:
        parse_conditions(conditions)
    except ScorecardError as error:
        raise Refused(_(error.message) % error.params, field="conditions") from None


def _free_name(name: str, but: Scorecard | None = None) -> str:
    name = text.clean(name, _("Name"), max_length=100)
    others = Scorecard.objects.filter(name=name)
    if (others.exclude(pk=but.pk) if but else others).exists():
        raise Refused(_("Another scorecard has this name."), field="name", code="unique")
    return name


def _number(cards: list[Scorecard]) -> None:
    """Give scorecards their places, the last one far behind, where the shipped one stands."""
    for place, card in enumerate(cards):
        card.position = place + 1
    Scorecard.objects.bulk_update(cards, ["position"])
