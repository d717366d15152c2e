"""By what can the effect of playbooks be narrowed?"""

from __future__ import annotations

from typing import Any

from accounts.filters.records import IdFilter
from common.filters import DayFilter, SortFilter, StrictFilterSet, YesFilter
from playbooks.models import EffectRecord


class EffectRecordFilter(StrictFilterSet):
    """Narrows records of effect."""

    playbook = IdFilter()
    version = IdFilter()
    on = DayFilter()
    whole = YesFilter(method="is_whole")
    sort = SortFilter({"on": "on"})

    class Meta(StrictFilterSet.Meta):
        model = EffectRecord
        fields: list[str] = []

    def is_whole(self, rows: Any, _name: str, value: bool) -> Any:
        """Playbooks as wholes, or their versions."""
        return rows.filter(version__isnull=value)
