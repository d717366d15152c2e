"""How does an action say no, in words for the person who asked?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """An action said no. The message is fit for a person; `field` names the value that has to change."""

    def __init__(self, message: Any, field: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code or "refused"

    def __str__(self) -> str:
        return str(self.message)


class Conflict(Refused):
    """Someone else saved first. `values` maps each differing field to (what is stored, what was sent)."""

    def __init__(self, message: Any, values: Mapping[str, tuple[Any, Any]] | None = None) -> None:
        super().__init__(message, code="stale")
        self.values = dict(values or {})
