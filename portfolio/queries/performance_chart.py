"""What does the picture of CSM performance show, and what is its finding?"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

from django.utils.translation import gettext as _

from common import charts
from common.charts import Chart
from common.formats import number, percent


class Judged(Protocol):
    """What the picture asks of a line."""

    @property
    def name(self) -> str:
        """Whose line it is."""

    @property
    def base(self) -> object:
        """What was in their hands."""

    @property
    def grr(self) -> Fraction | None:
        """What they kept."""

    @property
    def expected(self) -> Fraction | None:
        """What was to be expected."""

    @property
    def difference(self) -> Fraction | None:
        """What they kept beyond that."""

    @property
    def is_few(self) -> bool:
        """Whether the book is too small to be judged."""


def performance_chart(lines: Sequence[Judged]) -> Chart:
    """Draw what each kept, with a tick at what was to be expected; a small book has no tick and is not judged."""
    groups = [
        charts.Group(
            line.name,
            line.grr,
            target=None if line.is_few else line.expected,
            note=_("too few to judge") if line.is_few else "",
            small=line.is_few,
        )
        for line in lines
        if line.base
    ]
    heads = (_("CSM"), _("GRR"), _("Before"), _("Expected"), _("Note"))
    return charts.comparison(groups, heads=heads, formatted=lambda value: percent(value, 1))


def performance_title(lines: Sequence[Judged]) -> str:
    """The finding: who is furthest from what was to be expected."""
    judged = [(line.difference, line) for line in lines if line.difference is not None and not line.is_few]
    if not judged:
        return _("GRR against what was to be expected")
    most, line = max(judged, key=lambda one: abs(one[0]))
    words = {"name": line.name, "points": number(abs(most) * 100, 1)}
    if most < 0:
        return _("%(name)s kept %(points)s points less than was to be expected") % words
    return _("%(name)s kept %(points)s points more than was to be expected") % words
