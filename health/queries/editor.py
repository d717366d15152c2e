"""What does the editor of scorecards know: how each stands, what it can be made of, and what of it is gone?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from accounts.models import CustomField
from health.models import Scorecard, ScorecardDraft, ScorecardVersion
from health.queries.indicators import SOURCES
from health.queries.scores import indicator_name
from health.rules.drafts import EMPTY
from health.rules.formulas import FORMULA, parse_formula
from health.rules.scorecard import Indicator
from health.rules.scorecard import Scorecard as Definition
from health.rules.vocabulary import NAMED
from usage.models import Feature, Metric, Milestone, Module


@dataclass(frozen=True)
class Standing:
    """What a scorecard says as it is edited: the draft where there is one, else the newest version."""

    scorecard: Scorecard
    definition: dict[str, Any]
    conditions: list[Any]
    newest: ScorecardVersion | None
    draft: ScorecardDraft | None

    @property
    def version(self) -> int:
        """The version of the draft, 0 while there is none."""
        return self.draft.version if self.draft else 0


@dataclass(frozen=True, slots=True)
class Gone:
    """An indicator that measures something that is not there any more."""

    key: str
    indicator: str
    name: str


def standing_of(scorecard: Scorecard) -> Standing:
    """Read how a scorecard stands, in two queries."""
    newest = scorecard.versions.order_by("-number").first()
    draft = ScorecardDraft.objects.filter(scorecard=scorecard).select_related("changed_by").first()
    source = draft or newest
    return Standing(
        scorecard,
        definition=source.definition if source else EMPTY,
        conditions=source.conditions if source else [],
        newest=newest,
        draft=draft,
    )


def named_choices(name: str) -> list[tuple[str, str]]:
    """What a filter can be set to: (what is stored, what people call it), by name."""
    model, key, label = SOURCES_OF[name]
    return list(model._default_manager.order_by(label).values_list(key, label))


SOURCES_OF: dict[str, tuple[type[models.Model], str, str]] = {
    "feature": (Feature, "external_id", "name"),
    "module": (Module, "external_id", "name"),
    "metric": (Metric, "external_id", "name"),
    "milestone": (Milestone, "external_id", "name"),
    "field": (CustomField, "key", "label"),
}


def gone(card: Definition) -> list[Gone]:
    """The indicators of a scorecard whose source is not there any more: they read missing for everybody."""
    asked = list(_named(card.indicators))
    there = {name: _there(name, {value for _indicator, key, value in asked if key == name}) for name in NAMED}
    lost = [
        Gone(indicator.key, indicator_name(indicator) or indicator.key, value)
        for indicator, name, value in asked
        if value not in there[name]
    ]
    unknown = (indicator for indicator in card.indicators if indicator.source not in SOURCES)
    return lost + [Gone(row.key, indicator_name(row) or row.key, row.source) for row in unknown]


def _named(indicators: Sequence[Indicator]) -> Iterable[tuple[Indicator, str, str]]:
    for indicator in indicators:
        if indicator.source == FORMULA:
            for term in parse_formula(dict(indicator.params), indicator.days).terms:
                yield from ((indicator, name, value) for name, value in term.where if name in NAMED)
        elif indicator.source == "reading":
            yield indicator, "metric", str(indicator.params.get("metric", ""))
        elif indicator.source == "custom_field":
            yield indicator, "field", str(indicator.params.get("key", ""))


def _there(name: str, values: set[str]) -> set[str]:
    if not values:
        return set()
    model, key, _label = SOURCES_OF[name]
    return set(model._default_manager.filter(**{f"{key}__in": values}).values_list(key, flat=True))
