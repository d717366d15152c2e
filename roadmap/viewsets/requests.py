"""How does the API answer about what customers ask for, and at which addresses?"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from accounts.rules.roles import Capability
from accounts.viewsets.base import RecordViewSet
from roadmap import actions, filters, serializers
from roadmap.models import FeatureRequest, RequestEvidence
from roadmap.queries import with_voices


class FeatureRequestViewSet(RecordViewSet):
    """What customers ask for. Everybody who signs in reads it; the counts are of the voices that you may see."""

    queryset = FeatureRequest.objects.order_by("-pk")
    serializer_class = serializers.CustomerRequestSerializer
    filterset_class = filters.FeatureRequestFilter
    write_capability = Capability.EDIT_ROADMAP
    http_method_names = ["get", "head", "options", "post", "patch"]

    def get_queryset(self) -> Any:
        """Count the voices that the person may see."""
        return with_voices(super().get_queryset(), self.user)

    def create(self, request: Request) -> Response:
        """Write down a need."""
        return self.done(actions.add_request, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Word a need better, or put it under another module."""
        row = self.get_object()
        return self.done(actions.change_request, request=row, **self.validated(request, row))

    @extend_schema(request=serializers.DecisionSerializer, responses=serializers.CustomerRequestSerializer)
    @action(detail=True, methods=["post"])
    def state(self, request: Request, pk: str = "") -> Response:
        """Decide about a need; declining takes a reason."""
        row = self.get_object()
        sent = serializers.DecisionSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self.done(actions.change_state, request=row, **sent.validated_data)


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


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    router.register("feature-requests", FeatureRequestViewSet)
    router.register("request-evidence", RequestEvidenceViewSet)
