"""How does the API tell which mails of playbooks went out?"""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.viewsets.base import RecordViewSet
from playbooks.actions import mails as actions
from playbooks.filters.mails import StepMailFilter
from playbooks.models import StepMail
from playbooks.serializers.mails import StepMailSerializer


class StepMailViewSet(RecordViewSet):
    """Mails that steps have sent or are about to, newest first."""

    http_method_names = ["get", "head", "options", "post"]
    queryset = StepMail.objects.order_by("-queued_at", "-pk")
    serializer_class = StepMailSerializer
    filterset_class = StepMailFilter

    @extend_schema(request=None, responses=StepMailSerializer)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: str = "") -> Response:
        """Send a mail again of which nobody knows whether it went out, or which was refused."""
        return self.done(actions.send_again, mail=self.get_object())
