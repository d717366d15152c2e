"""How does the API answer about what a person was told?"""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import notifications as actions
from accounts.filters.notifications import NotificationFilter
from accounts.models import Notification
from accounts.serializers.notifications import NotificationSerializer
from accounts.viewsets.base import RecordViewSet


class NotificationViewSet(RecordViewSet):
    """What one was told; everybody's own alone."""

    queryset = Notification.objects
    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter
    http_method_names = ["get", "head", "options", "post"]
    write_capability = None

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str = "") -> Response:
        """Mark one as read; again is harmless."""
        return self.done(actions.read_notification, notification=self.get_object())

    @extend_schema(request=None, responses={204: None})
    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request: Request) -> Response:
        """Mark all as read."""
        actions.read_all(by=self.user, at=self.at)
        return Response(status=204)
