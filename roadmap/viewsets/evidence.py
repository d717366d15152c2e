"""How does the API answer about who asked for what, and what hangs on it?"""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rules.roles import Capability
from accounts.viewsets.base import RecordViewSet
from roadmap import actions, filters, serializers
from roadmap.models import RequestEvidence, RequestLink


class RequestEvidenceViewSet(RecordViewSet):
    """Who asked for what, of the accounts that you may see."""

    queryset = RequestEvidence.objects.order_by("-pk")
    serializer_class = serializers.RequestEvidenceSerializer
    filterset_class = filters.RequestEvidenceFilter
    write_capability = Capability.EDIT_ROADMAP

    def create(self, request: Request) -> Response:
        """Write down one voice for a need."""
        return self.done(actions.add_evidence, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Correct what was said."""
        row = self.get_object()
        return self.done(actions.change_evidence, evidence=row, **self.validated(request, row))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Take away a voice that never was."""
        actions.delete_evidence(evidence=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)


class RequestLinkViewSet(RecordViewSet):
    """Which gaps, promises, churn records and renewals hang on which request, of the accounts that you may see."""

    queryset = RequestLink.objects.order_by("-pk")
    serializer_class = serializers.RequestLinkSerializer
    filterset_class = filters.RequestLinkFilter
    write_capability = Capability.EDIT_ROADMAP
    http_method_names = ["get", "head", "options", "post", "delete"]

    def create(self, request: Request) -> Response:
        """Hang one thing on a request; done twice it is there once."""
        return self.done(actions.add_link, 201, **self.validated(request))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Take it off again."""
        actions.unlink_request(link=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)
