"""Where does each contact stand on the map of people: by role down, by last contact across?"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Contact
from accounts.queries.people_map import PeopleMap, PersonOnMap
from accounts.rules.people_map import DEFAULTS
from common.charts import Figures
from common.formats import number

# Across: today at the left; whoever was not touched for this long, or never, stands at the right edge.
LONGEST_DAYS = 120
COLD_DAYS = DEFAULTS.sponsor_days
LEFT, RIGHT = 2.0, 84.0
LANE, PADDING = 22, 14
LABEL_SPAN = 20.0
TONES = {"positive": "healthy", "neutral": "none", "negative": "risk", "unknown": "none"}


@dataclass(frozen=True)
class Dot:
    """One contact: per cent across, pixels down."""

    x: float
    y: int
    tone: str
    name: str
    title: str
    is_cold: bool


@dataclass(frozen=True)
class Lane:
    """One role with its contacts; an empty one shows that somebody is missing."""

    label: str
    y: int
    height: int
    dots: tuple[Dot, ...]
    is_missing: bool


@dataclass(frozen=True)
class PeopleChart:
    """The map, ready to be written down."""

    lanes: tuple[Lane, ...]
    height: int
    ticks: tuple[tuple[float, int], ...]
    figures: Figures


# Without one of these an account hangs in the air, so an empty lane is a finding.
NEEDED = frozenset({Contact.Role.CHAMPION, Contact.Role.ECONOMIC_BUYER, Contact.Role.DECISION_MAKER})


def across(days: int | None) -> float:
    """Place a number of days since the last touch.

    >>> across(0), across(60), across(None) == across(500)
    (2.0, 43.0, True)
    """
    far = LONGEST_DAYS if days is None else min(days, LONGEST_DAYS)
    return round(LEFT + (RIGHT - LEFT) * far / LONGEST_DAYS, 2)


def people_chart(people: PeopleMap) -> PeopleChart:
    """Lay out the people who are there, so that no name covers another."""
    lanes: list[Lane] = []
    top = 0
    for role in Contact.Role:
        here = [item for item in people.present if item.contact.role == role]
        if not here and role not in NEEDED:
            continue
        dots, rows = _placed(here, top)
        height = max(rows, 1) * LANE + PADDING
        lanes.append(
            Lane(label=str(role.label), y=top, height=height, dots=dots, is_missing=not here and role in NEEDED)
        )
        top += height
    ticks = tuple((across(days), days) for days in (0, 30, 60, 90))
    return PeopleChart(lanes=tuple(lanes), height=top, ticks=ticks, figures=_figures(people))


def _figures(people: PeopleMap) -> Figures:
    """The same as a table: who has which part, and how long ago we spoke."""
    rows = [
        (
            str(item.contact.get_role_display()), item.contact.name, number(item.days_since_touch),
            str(item.contact.get_sentiment_display()),
        )
        for item in sorted(people.present, key=lambda item: (item.contact.role, item.contact.name))
    ]  # fmt: skip
    return Figures((_("Role"), _("Name"), _("Days since we spoke"), _("Sentiment")), tuple(rows))


def _placed(here: list[PersonOnMap], top: int) -> tuple[tuple[Dot, ...], int]:
    """Give each contact of a role a row in which its name has room."""
    free_from: list[float] = []
    dots = []
    for item in sorted(here, key=lambda item: (across(item.days_since_touch), item.contact.name)):
        x = across(item.days_since_touch)
        row = next((number for number, end in enumerate(free_from) if end <= x), len(free_from))
        if row == len(free_from):
            free_from.append(0.0)
        free_from[row] = x + LABEL_SPAN
        dots.append(
            Dot(
                x=x,
                y=top + PADDING // 2 + row * LANE + LANE // 2,
                tone=TONES[item.contact.sentiment],
                name=item.contact.name,
                title=item.contact.title,
                is_cold=item.days_since_touch is None or item.days_since_touch > COLD_DAYS,
            )
        )
    return tuple(dots), len(free_from)
