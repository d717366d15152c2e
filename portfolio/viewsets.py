"""How does the API answer about the account list?"""

from __future__ import annotations

from typing import Any, cast

import django_filters
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from accounts.access import sees_money
from accounts.models import Account, CustomField, Organisation, User
from common.filters import error_messages
from portfolio.filters import DEFAULT_SORT, SORTS, AccountRowFilters, filters_for
from portfolio.models import AccountRow
from portfolio.queries.performance import SORTS as PEOPLE_SORTS
from portfolio.queries.usage_monitor import monitor_answer
from portfolio.serializers import (
    MONEY,
    AccountRowSerializer,
    PerformanceSerializer,
    UsageMonitorQuery,
    UsageMonitorSerializer,
)
from portfolio.views.performance import page_for
from portfolio.views.usage_monitor import asked_for
from revenue.filters import PerformanceFilter
from revenue.rules.spans import SPANS
from revenue.viewsets import SeesMoney


class ListFilters(DjangoFilterBackend):
    """The filters of the list's page: this organisation's own fields too, money only for who may see it."""

    def get_filterset_class(self, view: Any, queryset: Any = None) -> type[django_filters.FilterSet]:
        """Make them for the person who asks; the schema shows those that everybody has."""
        user = getattr(getattr(view, "request", None), "user", None)
        if not isinstance(user, User):
            return AccountRowFilters
        return filters_for(user, list(CustomField.objects.visible_to(user)))

    def get_filterset_kwargs(self, request: Request, queryset: Any, view: Any) -> dict[str, Any]:
        """Hand over who asks and the day from which days are counted."""
        on = Organisation.load().day_of(timezone.now())
        return {**super().get_filterset_kwargs(request, queryset, view), "user": request.user, "on": on}


class AccountRowViewSet(viewsets.ReadOnlyModelViewSet):
    """The accounts as the list shows them, with the list's filters and sorts; to read only."""

    http_method_names = ["get", "head", "options"]
    # Ids are ASCII digits that fit their column, so that a wild one is not found instead of an error.
    lookup_value_regex = "[0-9]{1,18}"
    queryset = AccountRow.objects.select_related("account")
    serializer_class = AccountRowSerializer
    filter_backends = [ListFilters]

    def get_queryset(self) -> Any:
        """Restrict the rows to what the person may see, in the order asked for."""
        person = getattr(self.request, "user", None) or AnonymousUser()
        rows: Any = super().get_queryset()
        asked = self.request.GET.get("sort", "") if self.request else ""
        by_money = asked.removeprefix("-") in MONEY and not sees_money(person)
        sort = SORTS.get(DEFAULT_SORT if by_money else asked, SORTS[DEFAULT_SORT])
        sign = "-" if sort.descending else ""
        missing = [sort.missing_flag] if sort.missing_flag else []
        return rows.visible_to(person).order_by(*missing, f"{sign}{sort.field}", f"{sign}pk")


class UsageMonitorViewSet(viewsets.ViewSet):
    """The usage monitor: how the accounts that the person may see use core or retention features, as of a day."""

    http_method_names = ["get", "head", "options"]

    @extend_schema(responses=UsageMonitorSerializer, filters=False, parameters=[UsageMonitorQuery])
    def list(self, request: Request) -> Response:
        """Usage rate, active accounts, people, growth, lost, won back, by feature; renewal with and without use."""
        query = request.query_params.copy()
        for name in ("feature", "figure"):
            query.pop(name, None)
        asked = asked_for(query, cast(User, request.user))
        if asked.monitor is None:
            raise ValidationError({name or "non_field_errors": [text] for name, text in error_messages(asked.filters)})
        return Response(UsageMonitorSerializer(monitor_answer(asked.monitor)).data)


class CsmPerformanceViewSet(SeesMoney, viewsets.ViewSet):
    """How people fare: one's own line and the team's, the team's people, or everybody."""

    http_method_names = ["get", "head", "options"]

    @extend_schema(
        operation_id="csm_performance_retrieve",
        parameters=[
            OpenApiParameter("period", enum=list(SPANS), default=SPANS[0]),
            OpenApiParameter("from", OpenApiTypes.DATE, description="First day; in place of `period`."),
            OpenApiParameter("to", OpenApiTypes.DATE, description="Last day that counts; in place of `period`."),
            OpenApiParameter("sort", enum=[*PEOPLE_SORTS, *(f"-{name}" for name in PEOPLE_SORTS)]),
        ],
        responses=forced_singular_serializer(PerformanceSerializer),
        filters=False,
    )
    def list(self, request: Request) -> Response:
        """What each person kept and won, what was to be expected, and how they look after their accounts."""
        chosen = PerformanceFilter(request.query_params, queryset=Account.objects.none())
        if not chosen.is_valid():
            raise ValidationError({name or "non_field_errors": [text] for name, text in error_messages(chosen)})
        on = Organisation.load().day_of(timezone.now())
        sort = request.query_params.get("sort", "")
        page = page_for(cast(User, request.user), chosen, on, sort)
        return Response(PerformanceSerializer(page).data)


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    router.register("account-rows", AccountRowViewSet)
    router.register("usage-monitor", UsageMonitorViewSet, basename="usagemonitor")
    router.register("csm-performance", CsmPerformanceViewSet, basename="csmperformance")
