"""How does a scorecard come into force?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Refused
from health.models import Scorecard, ScorecardVersion
from health.queries.indicators import SOURCES
from health.rules.conditions import parse_conditions
from health.rules.default import DEFAULT_DEFINITION
from health.rules.scorecard import ScorecardError, parse_scorecard

# Long before any fact, so that a whole imported history can be scored.
SHIPPED_ON = dt.date(2000, 1, 1)
SHIPPED_NAME = "Default"
LAST = 32_000


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
    *, scorecard: Scorecard, definition: Any, effective_on: dt.date, by: User | None, at: dt.datetime
) -> ScorecardVersion:
    """Add the next version of a scorecard; earlier ones stay as they are, and so do the scores made with them."""
    check_definition(definition)
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
        published_at=at,
        published_by=by,
    )


def check_definition(definition: Any) -> None:
    """Refuse a definition that makes no sense, in words."""
    try:
        card = parse_scorecard(definition)
    except ScorecardError as error:
        raise Refused(_(error.message) % error.params, field="definition") from None
    for indicator in card.indicators:
        if indicator.source not in SOURCES:
            raise Refused(_("There is no measure “%(source)s”.") % {"source": indicator.source}, field="definition")


def check_conditions(conditions: Any) -> None:
    """Refuse conditions that make no sense, in words."""
    try:
        parse_conditions(conditions)
    except ScorecardError as error:
        raise Refused(_(error.message) % error.params, field="conditions") from None
