"""Which shape do likely duplicates have in the API?"""

from __future__ import annotations

from typing import Any

from accounts.serializers.fields import RecordSerializer
from roadmap.models import DuplicatePair


class DuplicatePairSerializer(RecordSerializer):
    """Two requests that may mean the same, how alike they are (0 to 1) and by which words."""

    class Meta:
        model = DuplicatePair
        fields = ["id", "one", "other", "likeness", "shared_words", "dismissed_at", "dismissed_by"]
        read_only_fields = fields
        validators: list[Any] = []
