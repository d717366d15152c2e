"""How does the API answer about ranks, estimates and plans?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.utils import timezone
from django_filters.utils import translate_validation
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import may
from accounts.models import Organisation, User
from accounts.rules.roles import Capability
from accounts.viewsets.base import RecordViewSet
from roadmap.actions import estimates, planning
from roadmap.actions.ranking import change_ranking_settings
from roadmap.filters import MONEY_SORTS, RANKING_SORTS, RankingFilter
from roadmap.models import FeatureRequest, QuarterPlan, RankingSettings, RequestEstimate, RequestRank
from roadmap.queries.rank_why import why_rank
from roadmap.queries.ranking_page import counts_everybody, part_ranks
from roadmap.serializers import ranking as shapes

PLAN = Capability.PLAN_ROADMAP


class RequestRankViewSet(viewsets.GenericViewSet[Any]):
    """Where requests stand. Who sees a part of the accounts gets the ranking of that part."""

    http_method_names = ["get", "head", "options"]
    lookup_value_regex = "[0-9]{1,18}"
    queryset = FeatureRequest.objects.order_by("pk")
    serializer_class = shapes.RequestRankSerializer
    filterset_class = RankingFilter

    @property
    def user(self) -> User:
        """Who asks; the permission classes have let only people in."""
        return cast(User, self.request.user)

    def list(self, request: Request) -> Response:
        """Read the ranking in an order; a segment ranks anew by the voices of its customers alone."""
        page = self.paginate_queryset(self._rows(request))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(responses=shapes.WhyRankSerializer)
    def retrieve(self, request: Request, pk: str = "") -> Response:
        """Read why one request stands where it stands."""
        need = FeatureRequest.objects.visible_to(self.user).filter(pk=pk).select_related("module").first()
        why = why_rank(need, self.user, Organisation.load().day_of(timezone.now())) if need else None
        if why is None:
            raise NotFound
        return Response(shapes.WhyRankSerializer(why, context=self.get_serializer_context()).data)

    def _rows(self, request: Request) -> Any:
        chosen = RankingFilter(
            request.query_params, queryset=FeatureRequest.objects.visible_to(self.user), request=request
        )
        if not chosen.is_valid():
            raise translate_validation(chosen.errors)
        asked = request.query_params.get("sort") or "rank"
        money = self.user.can(Capability.SEE_MONEY)
        sort = RANKING_SORTS[asked if money or asked not in MONEY_SORTS else "rank"]
        common = chosen.form.cleaned_data.get("common")
        if not counts_everybody(self.user, chosen.segment):
            on = Organisation.load().day_of(timezone.now())
            rows: Sequence[RequestRank] = part_ranks(self.user, chosen.qs, chosen.segment, on, sort, common)
            return rows
        ranks = RequestRank.objects.visible_to(self.user).filter(request__in=chosen.qs.order_by().values("pk"))
        if common is not None:
            ranks = ranks.filter(is_common=common)
        sign = "-" if sort.descending else ""
        return ranks.select_related("request").order_by(f"{sign}{sort.field}", f"{sign}request")


class RequestEstimateViewSet(RecordViewSet):
    """What requests take and bring, one estimate each."""

    http_method_names = ["get", "head", "options", "post", "patch"]
    queryset = (
        RequestEstimate.objects.select_related("request").prefetch_related("request__needs__needed").order_by("-pk")
    )
    serializer_class = shapes.RequestEstimateSerializer
    filterset_class = None
    write_capability = PLAN

    def create(self, request: Request) -> Response:
        """Estimate a request; one that is estimated already gets the new values."""
        sent = self.validated(request)
        return self._save(sent.pop("request"), sent, status=201)

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change some of an estimate."""
        row = self.get_object()
        return self._save(row.request, self.validated(request, row))

    def _save(self, need: FeatureRequest, sent: dict[str, Any], status: int = 200) -> Response:
        estimate = estimates.estimate_request(request=need, by=self.user, at=self.at, values=sent)
        return self.answer(estimate, status)


class QuarterPlanViewSet(RecordViewSet):
    """Scenarios of quarters, and what came out of each."""

    queryset = QuarterPlan.objects.prefetch_related("requests", "must_haves", "left_out").order_by("-pk")
    serializer_class = shapes.QuarterPlanSerializer
    write_capability = PLAN

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let in who makes plans, also to read."""
        super().initial(request, *args, **kwargs)
        if not may(self.user, PLAN):
            raise PermissionDenied

    def get_queryset(self) -> Any:
        """Show plans to who may make them and sees the whole book, for they add up over all of it."""
        rows = super().get_queryset()
        person = getattr(self.request, "user", None)
        return rows if isinstance(person, User) and person.can(PLAN) else rows.none()

    def create(self, request: Request) -> Response:
        """Begin a scenario; a large book is worked out in the background."""
        plan = planning.add_plan(by=self.user, at=self.at, **self.validated(request))
        return self.answer(self._started(plan), 201)

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change a scenario, and work it out anew."""
        row = self.get_object()
        changed = planning.change_plan(plan=row, by=self.user, at=self.at, **self.validated(request, row))
        return self.answer(self._started(changed))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Throw a scenario away."""
        planning.delete_plan(plan=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)

    @extend_schema(request=None, responses=shapes.QuarterPlanSerializer)
    @action(detail=True, methods=["post"])
    def choose(self, request: Request, pk: str = "") -> Response:
        """Make it the plan of its quarter."""
        return self.done(planning.choose_plan, plan=self.get_object())

    def _started(self, plan: QuarterPlan) -> QuarterPlan:
        return planning.start_plan(plan=plan, on=Organisation.load().day_of(self.at))


class RankingSettingsView(APIView):
    """How requests are ranked."""

    write_capability = PLAN
    serializer_class = shapes.RankingSettingsSerializer

    @extend_schema(operation_id="ranking_settings_retrieve")
    def get(self, request: Request) -> Response:
        """Read weights, thresholds and windows."""
        return Response(shapes.RankingSettingsSerializer(RankingSettings.load()).data)

    def patch(self, request: Request) -> Response:
        """Change some of them; requests are ranked anew in the background."""
        sent = shapes.RankingSettingsSerializer(RankingSettings.load(), data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        changed = change_ranking_settings(by=cast(User, request.user), at=timezone.now(), **dict(sent.validated_data))
        return Response(shapes.RankingSettingsSerializer(changed).data)
