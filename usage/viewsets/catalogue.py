"""How does the API read and write the catalogue?"""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rules.roles import Capability
from accounts.viewsets.base import RecordViewSet
from usage import actions, filters, serializers
from usage.models import Feature, Metric, Milestone, Module, Scenario


class CatalogueViewSet(RecordViewSet):
    """What there is to use; everybody reads it, product managers write it."""

    write_capability = Capability.EDIT_CATALOGUE

    def create(self, request: Request) -> Response:
        """Add one."""
        values, extra = self._parts(request)
        row = self.serializer_class.Meta.model(**values)  # type: ignore[union-attr]
        return self.answer(actions.add_to_catalogue(row, by=self.user, at=self.at, **extra), 201)

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change one."""
        row = self.get_object()
        values, extra = self._parts(request, row)
        return self.done(actions.change_catalogue, row=row, **values, **extra)

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Take one away that nothing points at."""
        actions.delete_from_catalogue(row=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)

    def _parts(self, request: Request, row: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Tell the columns of a row from the features of a scenario."""
        values = self.validated(request, row)
        extra = {"features": values.pop("features")} if "features" in values else {}
        return values, extra


class ModuleViewSet(CatalogueViewSet):
    """Parts of products."""

    queryset = Module.objects.order_by("pk")
    serializer_class = serializers.ModuleSerializer
    filterset_class = filters.ModuleFilter


class FeatureViewSet(CatalogueViewSet):
    """Things that users can do; each is basic, core, advanced or one that customers stay for."""

    queryset = Feature.objects.order_by("pk")
    serializer_class = serializers.FeatureSerializer
    filterset_class = filters.FeatureFilter


class ScenarioViewSet(CatalogueViewSet):
    """Business scenarios and the features that they need."""

    queryset = Scenario.objects.order_by("pk").prefetch_related("features")
    serializer_class = serializers.ScenarioSerializer
    filterset_class = filters.ScenarioFilter


class MilestoneViewSet(CatalogueViewSet):
    """First values; one of them means that the core process is configured."""

    queryset = Milestone.objects.order_by("pk")
    serializer_class = serializers.MilestoneSerializer
    filterset_class = filters.MilestoneFilter


class MetricViewSet(CatalogueViewSet):
    """Numbers that arrive per account and period."""

    queryset = Metric.objects.order_by("pk")
    serializer_class = serializers.MetricSerializer
    filterset_class = filters.MetricFilter
