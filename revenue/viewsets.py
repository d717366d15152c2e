"""How does the API answer about revenue, and at which addresses?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.utils import translate_validation
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter
from rest_framework.views import APIView

from accounts.models import Account, Organisation, User
from accounts.queries.accounts import with_owner
from accounts.rules.roles import Capability
from accounts.viewsets.base import RecordViewSet
from accounts.viewsets.people import ForAdmins
from common.errors import Refused
from revenue import actions, filters
from revenue.models import (
    ContractLine,
    ExchangeRate,
    ExpansionTarget,
    Movement,
    Opportunity,
    Renewal,
    RenewalPolicy,
    RevenueSettings,
    Risk,
)
from revenue.queries import (
    accounts_shown_to,
    call_accuracy,
    cohort_table,
    ledger_by_month,
    people_to_target,
    renewal_summary,
    retention,
    retention_warnings,
)
from revenue.serializers.expansion import (
    ExpansionTargetSerializer,
    LoseSerializer,
    OpportunitySerializer,
    OpportunityStageSerializer,
    WinSerializer,
)
from revenue.serializers.ledger import (
    ContractLineSerializer,
    EndLineSerializer,
    ExchangeRateSerializer,
    LedgerQuerySerializer,
    LedgerSerializer,
    MovementSerializer,
    RevenueSettingsSerializer,
)
from revenue.serializers.renewals import (
    AccuracySerializer,
    CallSerializer,
    PeriodSerializer,
    RenewalSerializer,
    RenewalSummarySerializer,
    RiskCloseSerializer,
    RiskSerializer,
    RiskUpdateSerializer,
    StageSerializer,
)
from revenue.serializers.retention import CohortTableSerializer, RetentionQuerySerializer, RetentionSerializer


class SeesMoney:
    """Only for who may see money; others are told so, whatever the row."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Ask for the right before anything is read."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if not (isinstance(request.user, User) and request.user.can(Capability.SEE_MONEY)):
            self.permission_denied(request)  # type: ignore[attr-defined]


class ContractLineViewSet(SeesMoney, RecordViewSet):
    """What accounts pay for. Each change derives the account's movements anew."""

    queryset = ContractLine.objects.order_by("pk")
    serializer_class = ContractLineSerializer
    filterset_class = filters.ContractLineFilter
    write_capability = Capability.EDIT_REVENUE

    def create(self, request: Request) -> Response:
        """Add a contract line."""
        return self.done(actions.add_line, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Correct a contract line."""
        line = self.get_object()
        return self.done(actions.change_line, line=line, **self.validated(request, line))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Take away a line that never was; one that is over is ended instead."""
        actions.delete_line(line=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)

    @extend_schema(request=EndLineSerializer, responses=ContractLineSerializer)
    @action(detail=True, methods=["post"], serializer_class=EndLineSerializer)
    def end(self, request: Request, pk: str = "") -> Response:
        """Let a line end on a day, the first that is not paid for."""
        line = actions.end_line(line=self.get_object(), by=self.user, at=self.at, **self.validated(request))
        return Response(ContractLineSerializer(line, context=self.get_serializer_context()).data)


class MovementViewSet(SeesMoney, RecordViewSet):
    """How ARR changed: derived from contract lines, never written."""

    http_method_names = ["get", "head", "options"]
    queryset = Movement.objects.order_by("-on", "-pk")
    serializer_class = MovementSerializer
    filterset_class = filters.MovementFilter


class ExchangeRateViewSet(SeesMoney, RecordViewSet):
    """Dated exchange rates."""

    queryset = ExchangeRate.objects.order_by("-on", "pk")
    serializer_class = ExchangeRateSerializer
    filterset_class = filters.ExchangeRateFilter
    write_capability = Capability.MANAGE_SETTINGS
    http_method_names = ["get", "head", "options", "post", "delete"]

    def create(self, request: Request) -> Response:
        """Say what a currency is worth from a day on; a rate of the same day is replaced."""
        return self.done(actions.set_rate, 201, **self.validated(request))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Take a rate away."""
        actions.delete_rate(rate=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)


class RenewalViewSet(RecordViewSet):
    """Ends of contracts, the talks about them and the calls; amounts only for who may see money."""

    queryset = Renewal.objects.order_by("due_on", "pk")
    serializer_class = RenewalSerializer
    filterset_class = filters.RenewalFilter
    write_capability = Capability.EDIT_REVENUE
    http_method_names = ["get", "head", "options", "post"]

    def create(self, request: Request) -> Response:
        """Open the talks about an end of contract."""
        return self.done(actions.create_renewal, 201, **self.validated(request))

    @extend_schema(request=StageSerializer, responses=RenewalSerializer)
    @action(detail=True, methods=["post"], serializer_class=StageSerializer)
    def advance(self, request: Request, pk: str = "") -> Response:
        """Move the talks to another stage."""
        renewal = actions.advance_renewal(
            renewal=self.get_object(), by=self.user, at=self.at, **self.validated(request)
        )
        return Response(RenewalSerializer(renewal, context=self.get_serializer_context()).data)

    @extend_schema(request=CallSerializer, responses=RenewalSerializer)
    @action(detail=True, methods=["post"], serializer_class=CallSerializer)
    def call(self, request: Request, pk: str = "") -> Response:
        """Say what the renewal will bring: the CSM's call, or the manager's final one."""
        values = self.validated(request)
        version = values.pop("of_version", None)
        renewal = actions.make_call(renewal=self.get_object(), version=version, by=self.user, at=self.at, **values)
        return Response(RenewalSerializer(renewal, context=self.get_serializer_context()).data)

    @extend_schema(parameters=[PeriodSerializer], responses=RenewalSummarySerializer, filters=False)
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def forecast(self, request: Request) -> Response:
        """What was due in a period, what of it came, and what is expected: low, likely, high."""
        found = renewal_summary(self._due_in(request), self.get_serializer_context()["on"])
        return Response(RenewalSummarySerializer(found).data)

    @extend_schema(parameters=[PeriodSerializer], responses=AccuracySerializer(many=True), filters=False)
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def accuracy(self, request: Request) -> Response:
        """How the calls on what was due in a period compare with what came."""
        policy = RenewalPolicy.load()
        found = call_accuracy(self._due_in(request), (policy.first_look_days, policy.last_look_days))
        return Response(AccuracySerializer(found, many=True).data)

    def _due_in(self, request: Request) -> Any:
        """The renewals due in the period that is asked for, for who may see money."""
        if not self.user.can(Capability.SEE_MONEY):
            self.permission_denied(request)
        query = PeriodSerializer(data=request.query_params.dict(), context={"request": request})
        query.is_valid(raise_exception=True)
        return self.get_queryset().due_between(query.validated_data["start"], query.validated_data["end"])


class RiskViewSet(SeesMoney, RecordViewSet):
    """The risk register."""

    queryset = Risk.objects.order_by("update_due_on", "pk")
    serializer_class = RiskSerializer
    filterset_class = filters.RiskFilter
    write_capability = Capability.EDIT_REVENUE
    http_method_names = ["get", "head", "options", "post"]

    def create(self, request: Request) -> Response:
        """Put a risk into the register."""
        return self.done(actions.open_risk, 201, **self.validated(request))

    @extend_schema(request=RiskUpdateSerializer, responses=RiskSerializer)
    @action(detail=True, methods=["post"], serializer_class=RiskUpdateSerializer)
    def say(self, request: Request, pk: str = "") -> Response:
        """Say how a risk stands."""
        risk = actions.update_risk(risk=self.get_object(), by=self.user, at=self.at, **self.validated(request))
        return Response(RiskSerializer(risk, context=self.get_serializer_context()).data)

    @extend_schema(request=RiskCloseSerializer, responses=RiskSerializer)
    @action(detail=True, methods=["post"], serializer_class=RiskCloseSerializer)
    def close(self, request: Request, pk: str = "") -> Response:
        """Take a risk off the register, saying what became of it."""
        risk = actions.close_risk(risk=self.get_object(), by=self.user, at=self.at, **self.validated(request))
        return Response(RiskSerializer(risk, context=self.get_serializer_context()).data)


class OpportunityViewSet(SeesMoney, RecordViewSet):
    """Chances to expand: all of it is money, so only for who may see some."""

    queryset = Opportunity.objects.order_by("expected_on", "pk")
    serializer_class = OpportunitySerializer
    filterset_class = filters.OpportunityFilter
    write_capability = Capability.EDIT_REVENUE

    def create(self, request: Request) -> Response:
        """Write down a chance to expand."""
        return self.done(actions.create_opportunity, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Correct what is known of it."""
        opportunity = self.get_object()
        return self.done(actions.change_opportunity, opportunity=opportunity, **self.validated(request, opportunity))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Take away an opportunity that never was; one that came to nothing is lost instead."""
        actions.delete_opportunity(opportunity=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)

    @extend_schema(request=OpportunityStageSerializer, responses=OpportunitySerializer)
    @action(detail=True, methods=["post"], serializer_class=OpportunityStageSerializer)
    def advance(self, request: Request, pk: str = "") -> Response:
        """Move it to another open stage."""
        return self._moved(actions.advance_opportunity, request)

    @extend_schema(request=WinSerializer, responses=OpportunitySerializer)
    @action(detail=True, methods=["post"], serializer_class=WinSerializer)
    def win(self, request: Request, pk: str = "") -> Response:
        """Say that the customer bought."""
        return self._moved(actions.win_opportunity, request)

    @extend_schema(request=LoseSerializer, responses=OpportunitySerializer)
    @action(detail=True, methods=["post"], serializer_class=LoseSerializer)
    def lose(self, request: Request, pk: str = "") -> Response:
        """Say that the customer did not buy, and why."""
        return self._moved(actions.lose_opportunity, request)

    def _moved(self, act: Callable[..., Opportunity], request: Request) -> Response:
        moved = act(opportunity=self.get_object(), by=self.user, at=self.at, **self.validated(request))
        return Response(OpportunitySerializer(moved, context=self.get_serializer_context()).data)


class ExpansionTargetViewSet(SeesMoney, RecordViewSet):
    """What people are to bring in by quarter."""

    queryset = ExpansionTarget.objects.order_by("-starts_on", "pk")
    serializer_class = ExpansionTargetSerializer
    filterset_class = filters.ExpansionTargetFilter
    write_capability = Capability.ASSIGN_OWNERS
    http_method_names = ["get", "head", "options", "post"]

    def create(self, request: Request) -> Response:
        """Set a person's target for a quarter."""
        values = self.validated(request)
        if not values["amount"]:
            raise Refused(_("A target must be above 0."), field="amount", code="not_positive")
        if values["user"] not in people_to_target(self.user):
            raise Refused(_("You set targets for the people of your team."), field="user", code="not_yours")
        return self.done(actions.set_target, 201, **values)


class LedgerViewSet(SeesMoney, viewsets.ViewSet):
    """The revenue ledger by month, of the accounts that the person may see."""

    http_method_names = ["get", "head", "options"]

    @extend_schema(parameters=[LedgerQuerySerializer], responses=LedgerSerializer(many=True), filters=False)
    def list(self, request: Request) -> Response:
        """Opening, movements, exchange effect and closing of each month, in constant currency within the month."""
        query = LedgerQuerySerializer(data=request.query_params.dict(), context={"request": request})
        query.is_valid(raise_exception=True)
        values = query.validated_data
        months = ledger_by_month(values["first"], values["last"], self._ids(request, values.get("account")))
        return Response(LedgerSerializer(months, many=True).data)

    def _ids(self, request: Request, account: Account | None) -> Sequence[int] | None:
        """The accounts to add up; None for all, when the person sees all."""
        if account is not None:
            return [account.pk]
        return accounts_shown_to(request.user)


class CohortViewSet(SeesMoney, viewsets.ViewSet):
    """Retention by the month or quarter of signing, of the accounts that the person may see."""

    http_method_names = ["get", "head", "options"]

    @extend_schema(
        parameters=[
            OpenApiParameter("by", enum=["month", "quarter"], default="month"),
            OpenApiParameter("measure", enum=["logo", "revenue"], default="logo"),
            OpenApiParameter("from", OpenApiTypes.DATE, description="First day of signing; its whole period counts."),
            OpenApiParameter("to", OpenApiTypes.DATE, description="Last day of signing; its whole period counts."),
            OpenApiParameter("tier", enum=Account.Tier.values),
            OpenApiParameter("purchase_level", enum=Account.PurchaseLevel.values),
            *(OpenApiParameter(name) for name in ("industry", "region", "tag")),
            OpenApiParameter("owner", OpenApiTypes.INT64),
        ],
        responses=CohortTableSerializer,
        filters=False,
    )
    def list(self, request: Request) -> Response:
        """Each cohort at its signing (1) and at the end of each later period that is over; rates are fractions."""
        user = cast(User, request.user)
        on = Organisation.load().day_of(timezone.now())
        seen = with_owner(Account.objects.visible_to(user), on)
        chosen = filters.CohortFilter(request.query_params, queryset=seen, request=request)
        if not chosen.is_valid():
            raise translate_validation(chosen.errors)
        asked = chosen.asked
        measure = asked.pop("measure")
        table = cohort_table(on, account_ids=chosen.ids, **asked)
        figures = table.figures(measure, RevenueSettings.load().small_cohort)
        return Response(CohortTableSerializer(figures).data)


class RetentionViewSet(SeesMoney, viewsets.ViewSet):
    """Retention of a period, of the accounts that the person may see."""

    http_method_names = ["get", "head", "options"]

    @extend_schema(
        operation_id="retention_retrieve",
        parameters=[RetentionQuerySerializer],
        responses=forced_singular_serializer(RetentionSerializer),
        filters=False,
    )
    def list(self, request: Request) -> Response:
        """NRR, GRR and churn of a period and the way from its opening to its closing, whole and by segment."""
        query = RetentionQuerySerializer(data=request.query_params.dict(), context={"request": request})
        query.is_valid(raise_exception=True)
        values = query.validated_data
        start, end, by, ids = values["from"], values["to"], values.get("by"), accounts_shown_to(request.user)
        found = retention(start, end, by=by, reading=values["reading"], accounts=ids)
        warnings = retention_warnings(start, end, by=by, accounts=ids, found=found)
        return Response(RetentionSerializer(found, context={"warnings": warnings}).data)


class RevenueBenchmarksView(ForAdmins, APIView):
    """The marks that revenue figures are held against."""

    write_capability = Capability.MANAGE_SETTINGS
    serializer_class = RevenueSettingsSerializer

    @extend_schema(operation_id="revenue_benchmarks_retrieve")
    def get(self, request: Request) -> Response:
        """Read the marks."""
        return Response(RevenueSettingsSerializer(RevenueSettings.load()).data)

    def patch(self, request: Request) -> Response:
        """Change some of the marks."""
        sent = RevenueSettingsSerializer(RevenueSettings.load(), data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        changed = actions.change_revenue_settings(
            by=cast(User, request.user), at=timezone.now(), **dict(sent.validated_data)
        )
        return Response(RevenueSettingsSerializer(changed).data)


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    router.register("contract-lines", ContractLineViewSet)
    router.register("movements", MovementViewSet)
    router.register("exchange-rates", ExchangeRateViewSet)
    router.register("renewals", RenewalViewSet)
    router.register("opportunities", OpportunityViewSet)
    router.register("expansion-targets", ExpansionTargetViewSet)
    router.register("risks", RiskViewSet)
    router.register("ledger", LedgerViewSet, basename="ledger")
    router.register("cohorts", CohortViewSet, basename="cohort")
    router.register("retention", RetentionViewSet, basename="retention")
