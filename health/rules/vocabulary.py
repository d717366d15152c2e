"""Out of what can an indicator be put together by settings alone?

Each measure says what it counts, over a window of days or as things stand on a day, which of the facts it takes (the
filters) and how it sums them up. An amount is read in the reporting currency; a share runs from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

# A filter whose values are rows that people add: features, modules, metrics, milestones, own fields.
NAMED = ("feature", "module", "metric", "milestone", "field")
# A filter whose values are few and fixed.
FIXED: dict[str, tuple[str, ...]] = {
    "kind": ("basic", "core", "advanced", "retention"),
    "severity": ("low", "normal", "high", "critical"),
    "complaint": ("yes", "no"),
    "escalated": ("yes", "no"),
    "survey": ("nps", "csat"),
    "role": ("champion", "economic_buyer", "decision_maker", "end_user", "blocker"),
    "sentiment": ("positive", "neutral", "negative", "unknown"),
    "touch": ("call", "meeting", "email", "training", "business_review"),
}
THEMES = ("usage", "readings", "tickets", "surveys", "contract", "people", "outcomes", "fields")


@dataclass(frozen=True, slots=True)
class What:
    """One thing that can be measured of an account."""

    theme: str
    unit: str = "number"
    # The first is what is meant where nothing is said.
    hows: tuple[str, ...] = ("",)
    filters: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    has_window: bool = True
    # Whether what was so on a past day is still known; a field that is overwritten is known as of today only.
    is_dated: bool = True


USE = ("feature", "module", "kind")

WHATS: dict[str, What] = {
    "events": What("usage", filters=USE),
    "active_days": What("usage", filters=USE),
    "active_users": What("usage", filters=USE),
    "features_used": What("usage", filters=("module", "kind")),
    "modules_used": What("usage", filters=("kind",)),
    "days_since_use": What("usage", unit="days", filters=USE, has_window=False),
    "reading": What("readings", hows=("latest", "mean", "sum", "count"), filters=("metric",), needs=("metric",)),
    "days_since_reading": What("readings", unit="days", filters=("metric",), needs=("metric",), has_window=False),
    "tickets_opened": What("tickets", filters=("severity", "complaint", "escalated")),
    "tickets_open": What("tickets", filters=("severity", "complaint", "escalated"), has_window=False),
    "tickets_in_time": What("tickets", unit="share", filters=("severity", "complaint", "escalated")),
    "ticket_satisfaction": What("tickets", filters=("severity", "complaint", "escalated")),
    "survey": What("surveys", hows=("latest", "mean", "count", "nps"), filters=("survey",), needs=("survey",)),
    "days_since_answer": What("surveys", unit="days", filters=("survey",), has_window=False),
    "seats": What("contract", has_window=False),
    "arr": What("contract", unit="money", has_window=False),
    "tenure": What("contract", unit="days", has_window=False),
    "days_to_renewal": What("contract", unit="days", has_window=False),
    "renewal_stage": What("contract", unit="share", has_window=False),
    "contacts": What("people", filters=("role", "sentiment"), has_window=False, is_dated=False),
    "sentiment": What("people", filters=("role",), has_window=False, is_dated=False),
    "touches": What("people", filters=("touch",)),
    "days_since_touch": What("people", unit="days", filters=("touch",), has_window=False),
    "milestones": What("outcomes", filters=("milestone",), has_window=False),
    "goals": What("outcomes", unit="share", has_window=False),
    "integrations": What("outcomes", has_window=False),
    "attendances": What("outcomes"),
    "field": What("fields", filters=("field",), needs=("field",), has_window=False, is_dated=False),
    "days_since_field": What(
        "fields", unit="days", filters=("field",), needs=("field",), has_window=False, is_dated=False
    ),
}
