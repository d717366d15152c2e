"""For which accounts is a scorecard meant, and does the condition make sense?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from health.rules.scorecard import N_, ScorecardError

TEXT_FIELDS = ("tier", "purchase_level", "stage", "industry", "region", "currency", "name", "external_id", "domain")
# Days since the account signed: what holds in the first days only.
AGE = "days_since_signing"
NUMBER_FIELDS = ("employees", AGE)
TAG = "tag"
CUSTOM = "custom."
OPERATORS = ("is", "is_not", "in", "not_in", "at_least", "at_most", "is_set", "is_not_set")
LISTS = ("in", "not_in")
NUMBERS = ("at_least", "at_most")
PRESENCE = ("is_set", "is_not_set")
MOST_CONDITIONS = 20
MOST_VALUES = 200


@dataclass(frozen=True, slots=True)
class Condition:
    """One claim about an account: a field, an operator, and what to compare with (a tuple of plain values)."""

    field: str
    operator: str
    values: tuple[Any, ...] = ()


def parse_conditions(rows: Any) -> tuple[Condition, ...]:
    """Read a scorecard's conditions (all must hold), or say what is wrong with them.

    >>> parse_conditions([{"field": "tier", "operator": "in", "value": ["elephant", "cheetah"]}])
    (Condition(field='tier', operator='in', values=('elephant', 'cheetah')),)
    >>> parse_conditions([{"field": "colour", "operator": "is", "value": "red"}])
    Traceback (most recent call last):
    health.rules.parsing.ScorecardError: Accounts have no field “colour”.
    """
    if not isinstance(rows, list):
        raise ScorecardError(N_("%(place)s must be a list."), "conditions", place="conditions")
    if len(rows) > MOST_CONDITIONS:
        raise ScorecardError(N_("At most %(most)s conditions."), "conditions", most=MOST_CONDITIONS)
    return tuple(_condition(row, f"conditions[{n}]") for n, row in enumerate(rows))


def _condition(row: Any, place: str) -> Condition:
    if not isinstance(row, Mapping) or set(row) - {"field", "operator", "value"}:
        raise ScorecardError(N_("A condition has a field, an operator and a value."), place)
    field, operator, value = row.get("field"), row.get("operator", "is"), row.get("value")
    if not isinstance(field, str) or not _is_field(field):
        raise ScorecardError(N_("Accounts have no field “%(field)s”."), place, field=str(field)[:60])
    if operator not in OPERATORS:
        raise ScorecardError(N_("There is no operator “%(operator)s”."), place, operator=str(operator)[:60])
    if operator in PRESENCE:
        return Condition(field, operator)
    values = tuple(value) if operator in LISTS and isinstance(value, list) else (value,)
    if len(values) > MOST_VALUES or any(not _fits(field, operator, one) for one in values):
        raise ScorecardError(N_("The value does not fit the field “%(field)s”."), place, field=field)
    return Condition(field, operator, values)


def _is_field(field: str) -> bool:
    if field.startswith(CUSTOM):
        key = field.removeprefix(CUSTOM)
        return key.isascii() and key.replace("_", "").replace("-", "").isalnum() and "__" not in key and len(key) <= 40
    return field in (*TEXT_FIELDS, *NUMBER_FIELDS, TAG)


def _fits(field: str, operator: str, value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    is_text = isinstance(value, str) and len(value) <= 200 and "\0" not in value
    if operator in NUMBERS:
        return is_number and (field in NUMBER_FIELDS or field.startswith(CUSTOM))
    if field in NUMBER_FIELDS:
        return is_number
    if field.startswith(CUSTOM):
        return is_number or is_text or isinstance(value, bool)
    return is_text
