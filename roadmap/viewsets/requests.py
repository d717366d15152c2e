"""How does the API answer about what customers ask for?"""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import may, sees_money
from accounts.models import Organisation
from accounts.rules.roles import Capability
from accounts.viewsets.base import RecordViewSet
from roadmap import actions, filters, serializers
from roadmap.actions import PLANNED_FIELDS
from roadmap.models import FeatureRequest
from roadmap.queries import gap_of, likely_duplicates, with_voices

# What only who plans the roadmap does.
PLANNING = frozenset({"state", "quarter", "merge", "part"})
LONGEST_TEXT = 4_000


class FeatureRequestViewSet(RecordViewSet):
    """What customers ask for. Everybody who signs in reads it; the counts are of the voices that you may see."""

    queryset = FeatureRequest.objects.order_by("-pk")
    serializer_class = serializers.CustomerRequestSerializer
    filterset_class = filters.FeatureRequestFilter
    http_method_names = ["get", "head", "options", "post", "patch"]

    @property
    def write_capability(self) -> Capability:  # type: ignore[override]
        """Noting a need is for all who hear customers, deciding about it for who plans."""
        return Capability.PLAN_ROADMAP if self.action in PLANNING else Capability.EDIT_ROADMAP

    def get_queryset(self) -> Any:
        """Count the voices that the person may see."""
        return with_voices(super().get_queryset(), self.user)

    def create(self, request: Request) -> Response:
        """Write down a need; what it says to customers is added by a change."""
        values = self._allowed(self.validated(request))
        planned = {name: values.pop(name) for name in PLANNED_FIELDS & values.keys()}
        made = actions.add_request(**values, by=self.user, at=self.at)
        if planned:
            made = actions.change_request(request=made, by=self.user, at=self.at, **planned)
        return self.answer(made, 201)

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Word a need better, put it under another module, or plan what customers read of it."""
        row = self.get_object()
        return self.done(actions.change_request, request=row, **self._allowed(self.validated(request, row)))

    def _allowed(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse what only who plans the roadmap may write."""
        if PLANNED_FIELDS & values.keys() and not may(self.user, Capability.PLAN_ROADMAP):
            raise PermissionDenied
        return values

    @extend_schema(request=serializers.DecisionSerializer, responses=serializers.CustomerRequestSerializer)
    @action(detail=True, methods=["post"])
    def state(self, request: Request, pk: str = "") -> Response:
        """Decide about a need; whoever asked is to be told. Declining takes a reason."""
        return self._done_with(serializers.DecisionSerializer, actions.change_state)

    @extend_schema(request=serializers.QuarterSerializer, responses=serializers.CustomerRequestSerializer)
    @action(detail=True, methods=["post"])
    def quarter(self, request: Request, pk: str = "") -> Response:
        """Put a need into a quarter, or into none."""
        return self._done_with(serializers.QuarterSerializer, actions.schedule_request)

    @extend_schema(request=serializers.MergeSerializer, responses=serializers.CustomerRequestSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str = "") -> Response:
        """Make one need out of two; answers with the one that stays."""
        return self._done_with(serializers.MergeSerializer, actions.merge_requests)

    @extend_schema(request=None, responses=serializers.PartedSerializer)
    @action(detail=True, methods=["post"])
    def part(self, request: Request, pk: str = "") -> Response:
        """Part a need from the one that it was merged into; each gets its own voices."""
        parted = actions.unmerge_request(request=self.get_object(), by=self.user, at=self.at)
        return Response(serializers.PartedSerializer(parted).data)

    @extend_schema(responses=serializers.GapSerializer)
    @action(detail=True, methods=["get"])
    def at_risk(self, request: Request, pk: str = "") -> Response:
        """Read which accounts may leave for want of it, and which left; each counted once."""
        on = Organisation.load().day_of(self.at)
        found = gap_of(self.get_object(), self.user, on, money=sees_money(self.user))
        return Response(serializers.GapSerializer(found).data)

    @extend_schema(
        parameters=[OpenApiParameter("text", OpenApiTypes.STR, description="What is asked for, in any words.")],
        responses=serializers.AlikeSerializer(many=True),
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def alike(self, request: Request) -> Response:
        """Find the needs that probably mean the same as a text, at most five."""
        found = likely_duplicates(request.GET.get("text", "")[:LONGEST_TEXT], self.user)
        return Response(serializers.AlikeSerializer(found, many=True).data)

    def _done_with(self, shape: Any, act: Any) -> Response:
        row = self.get_object()
        sent = shape(data=self.request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self.done(act, request=row, **sent.validated_data)
