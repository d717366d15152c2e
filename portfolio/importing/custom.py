"""What does a cell mean for a custom field of the organisation?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import CustomField
from accounts.rules.custom_fields import UnfitValueError, typed_value
from portfolio.importing import values
from portfolio.importing.targets.base import Values, Way
from portfolio.importing.values import Cell, Unreadable, as_text, is_blank

Kind = CustomField.Kind


class CustomFields:
    """The custom fields that exist, and those that this import brings."""

    def __init__(self) -> None:
        self._fields: dict[str, tuple[str, list[str]]] | None = None

    @property
    def fields(self) -> dict[str, tuple[str, list[str]]]:
        """Kind and choices of each field by key."""
        if self._fields is None:
            rows = CustomField.objects.values_list("key", "kind", "choices")
            self._fields = {key: (kind, choices) for key, kind, choices in rows}
        return self._fields

    def note(self, row: Values) -> None:
        """Remember a field that a row brings."""
        self.fields[row["key"]] = (row.get("kind") or Kind.TEXT.value, row.get("choices") or [])

    def value(self, key: str, cell: Cell, way: Way) -> Any:
        """Read a cell as the field's kind says."""
        if key not in self.fields:
            message = _("There is no custom field “%(key)s”. Known: %(known)s.")
            raise Unreadable(message % {"key": key, "known": ", ".join(sorted(self.fields)) or "–"})
        if is_blank(cell):
            return None
        kind, choices = self.fields[key]
        given: Any = as_text(cell)
        if kind == Kind.NUMBER:
            given = values.read_number(cell, way.numbers)
        elif kind == Kind.DATE:
            found = values.read_moment(cell, way.dates, way.formats)
            given = found.date() if hasattr(found, "date") else found
        elif kind == Kind.YES_NO:
            given = values.read_yes_no(cell)
        try:
            return typed_value(kind, given, choices)
        except UnfitValueError:
            message = _("“%(value)s” does not fit the field “%(key)s”.")
            raise Unreadable(message % {"value": as_text(cell)[:60], "key": key}) from None
