"""How does the API answer about health, and at which addresses?"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from accounts.viewsets.base import RecordViewSet
from health import actions, filters, serializers
from health.models import HealthOverride, HealthScore, Scorecard


class VisibleViewSet(viewsets.ReadOnlyModelViewSet):
    """Rows that a person may see, to read only: scores follow from facts, scorecards are published on their page."""

    http_method_names = ["get", "head", "options"]
    # Ids are ASCII digits that fit their column, so that a wild one is not found instead of an error.
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> Any:
        """Restrict the rows to what the person may see."""
        person = getattr(self.request, "user", None) or AnonymousUser()
        rows: Any = super().get_queryset()
        return rows.visible_to(person)


class HealthScoreViewSet(VisibleViewSet):
    """Scores per account and day, newest first, with the parts of which they are made."""

    queryset = HealthScore.objects.select_related("version").order_by("-on", "-pk")
    serializer_class = serializers.HealthScoreSerializer
    filterset_class = filters.HealthScoreFilter


class HealthOverrideViewSet(RecordViewSet):
    """Bands set by hand, newest first; to delete one is to end it today."""

    http_method_names = ["get", "head", "options", "post", "delete"]
    queryset = HealthOverride.objects.order_by("-made_at", "-pk")
    serializer_class = serializers.HealthOverrideSerializer
    filterset_class = filters.HealthOverrideFilter

    def create(self, request: Request) -> Response:
        """Set the band of an account by hand."""
        return self.done(actions.set_override, 201, **self.validated(request))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """End an override today; it stays in the history."""
        actions.end_override(override=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)


class ScorecardViewSet(VisibleViewSet):
    """How scores are made, in the order in which scorecards are tried, with all versions."""

    queryset = Scorecard.objects.prefetch_related("versions").order_by("position", "pk")
    serializer_class = serializers.ScorecardSerializer
    filterset_class = filters.ScorecardFilter


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    router.register("health-scores", HealthScoreViewSet)
    router.register("health-overrides", HealthOverrideViewSet)
    router.register("scorecards", ScorecardViewSet)
