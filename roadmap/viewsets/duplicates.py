"""How does the API answer about which requests look alike?"""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rules.roles import Capability
from accounts.viewsets.base import RecordViewSet
from roadmap import actions, filters, serializers
from roadmap.models import DuplicatePair


class DuplicatePairViewSet(RecordViewSet):
    """Which requests may mean the same, found again after each change and every night."""

    queryset = DuplicatePair.objects.order_by("-likeness", "-pk")
    serializer_class = serializers.DuplicatePairSerializer
    filterset_class = filters.DuplicatePairFilter
    write_capability = Capability.PLAN_ROADMAP
    http_method_names = ["get", "head", "options", "post"]

    @extend_schema(request=None, responses=serializers.DuplicatePairSerializer)
    @action(detail=True, methods=["post"])
    def told_apart(self, request: Request, pk: str = "") -> Response:
        """Say that they are not the same: they are not suggested again."""
        return self.done(actions.tell_apart, pair=self.get_object())

    @extend_schema(request=None, responses=serializers.DuplicatePairSerializer)
    @action(detail=True, methods=["post"])
    def suggested_again(self, request: Request, pk: str = "") -> Response:
        """Take that back."""
        return self.done(actions.suggest_again, pair=self.get_object())
