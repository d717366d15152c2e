"""In which shape does what a person was told pass the API?"""

from __future__ import annotations

from accounts.models import Notification
from common.serializers import StrictModelSerializer


class NotificationSerializer(StrictModelSerializer):
    """One thing that one was told."""

    class Meta:
        model = Notification
        fields = ("id", "kind", "title", "body", "url", "account", "at", "read_at", "way")
        read_only_fields = fields
