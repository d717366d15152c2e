"""How does the API begin and judge plans to stabilize customers?"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.viewsets.base import RecordViewSet
from playbooks.actions import stabilization as actions
from playbooks.filters.stabilization import PLAN_SORTS, StabilizationPlanFilter
from playbooks.models import StabilizationPlan
from playbooks.serializers import stabilization as serializers


class StabilizationPlanViewSet(RecordViewSet):
    """Plans to stabilize customers, newest first; a plan ends by a verdict, never by being deleted."""

    http_method_names = ["get", "head", "options", "post"]
    queryset = StabilizationPlan.objects.prefetch_related("drivers", "criteria", "checkpoints")
    serializer_class = serializers.StabilizationPlanSerializer
    filterset_class = StabilizationPlanFilter

    def get_queryset(self) -> Any:
        """Give the rows in the order asked for."""
        asked = self.request.GET.get("sort", "") if self.request else ""
        sort = PLAN_SORTS.get(asked, PLAN_SORTS["-started"])
        sign = "-" if sort.descending else ""
        return super().get_queryset().order_by(f"{sign}{sort.field}", f"{sign}pk")

    def create(self, request: Request) -> Response:
        """Begin a plan: score, ARR and reasons of today are frozen."""
        values = self.validated(request)
        values["planned"] = {line["day"]: line["planned"] for line in values.pop("planned", [])}
        return self.done(actions.start_plan, 201, **values)

    @extend_schema(request=serializers.VerdictSerializer, responses=serializers.StabilizationPlanSerializer)
    @action(detail=True, methods=["post"])
    def verdict(self, request: Request, pk: str = "") -> Response:
        """Say at the next checkpoint how it stands."""
        plan = self.get_object()
        sent = serializers.VerdictSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self.done(actions.give_verdict, plan=plan, **sent.validated_data)

    @extend_schema(request=None, responses=serializers.StabilizationPlanSerializer)
    @action(detail=True, methods=["post"])
    def take_back(self, request: Request, pk: str = "") -> Response:
        """Take the last verdict back, on the day on which it was given."""
        return self.done(actions.take_back_verdict, plan=self.get_object())
