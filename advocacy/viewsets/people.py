"""How does the API answer about scores, people to ask, consents, mentions, requests of sales and settings?"""

from __future__ import annotations

from typing import Any, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Organisation, User
from accounts.rules.roles import Capability
from accounts.viewsets.base import RecordViewSet
from advocacy import filters, serializers
from advocacy.actions.consents import record_consent, revoke_consent
from advocacy.actions.mentions import add_mention, delete_mention
from advocacy.actions.requests import add_request, change_request, decide_request
from advocacy.actions.settings import change_advocacy_settings
from advocacy.models import (
    AdvocacySettings,
    AdvocateRow,
    AdvocateScore,
    Consent,
    PublicMention,
    ReferenceRequest,
)
from advocacy.queries.matching import matches_for


class AdvocateScoreViewSet(RecordViewSet):
    """How customers stand as advocates, the best first, month by month; without a month, the last that was ranked."""

    queryset = AdvocateScore.objects.select_related("account")
    serializer_class = serializers.AdvocateScoreSerializer
    filterset_class = filters.AdvocateScoreFilter
    http_method_names = ["get", "head", "options"]

    def get_queryset(self) -> Any:
        """Give the rows in the order asked for."""
        query = getattr(self.request, "GET", {})
        rows = super().get_queryset()
        if self.action == "list" and "month" not in query and "account" not in query:
            rows = rows.current()
        sort = filters.SCORE_SORTS.get(query.get("sort", ""), filters.SCORE_SORTS["rank"])
        sign = "-" if sort.descending else ""
        return rows.order_by("-month", f"{sign}{sort.field}", f"{sign}pk")


class AdvocateRowViewSet(RecordViewSet):
    """People who speak for us or could, the customers with the highest score first."""

    queryset = AdvocateRow.objects.order_by("unscored", "-score", "-pk")
    serializer_class = serializers.AdvocateRowSerializer
    filterset_class = filters.PeopleFilter
    http_method_names = ["get", "head", "options"]


class ConsentViewSet(RecordViewSet):
    """To what contacts agreed, where it may be heard, and until when."""

    queryset = Consent.objects.order_by("-pk")
    serializer_class = serializers.ConsentSerializer
    filterset_class = filters.ConsentFilter
    http_method_names = ["get", "head", "options", "post"]

    def create(self, request: Request) -> Response:
        """Write a consent down."""
        return self.done(record_consent, 201, **self.validated(request))

    @extend_schema(request=None, responses=serializers.ConsentSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str = "") -> Response:
        """Take it back from today on; open asks that rest on it are withdrawn."""
        return self.done(revoke_consent, consent=self.get_object())


class PublicMentionViewSet(RecordViewSet):
    """Where customers spoke of us in public."""

    queryset = PublicMention.objects.order_by("-on", "-pk")
    serializer_class = serializers.PublicMentionSerializer
    filterset_class = filters.MentionFilter
    http_method_names = ["get", "head", "options", "post", "delete"]

    def create(self, request: Request) -> Response:
        """Write a mention down."""
        return self.done(add_mention, 201, **self.validated(request))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Take away a mention that never was."""
        delete_mention(mention=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)


class ReferenceRequestViewSet(RecordViewSet):
    """Whom sales needs to hear from; the deal's amount only for who may see money."""

    queryset = ReferenceRequest.objects.order_by("-requested_on", "-pk")
    serializer_class = serializers.ReferenceRequestSerializer
    filterset_class = filters.ReferenceRequestFilter
    http_method_names = ["get", "head", "options", "post", "patch"]

    def create(self, request: Request) -> Response:
        """Write down whom sales needs to hear from."""
        return self.done(add_request, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Correct what is asked for."""
        found = self.get_object()
        return self.done(change_request, request=found, **self.validated(request, found))

    @extend_schema(request=serializers.ReferenceDecisionSerializer, responses=serializers.ReferenceRequestSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str = "") -> Response:
        """Say how the deal ended."""
        found = self.get_object()
        sent = serializers.ReferenceDecisionSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self.done(decide_request, request=found, **sent.validated_data)

    @extend_schema(responses=serializers.MatchesSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def matches(self, request: Request, pk: str = "") -> Response:
        """See who fits best, why, and who would but may not be asked now."""
        found = matches_for(self.get_object(), self.user, Organisation.load().day_of(self.at))
        return Response(serializers.MatchesSerializer(found).data)


class AdvocacySettingsView(APIView):
    """Weights, criteria and limits of advocacy."""

    write_capability = Capability.EDIT_ADVOCACY
    serializer_class = serializers.AdvocacySettingsSerializer

    @extend_schema(operation_id="advocacy_settings_retrieve")
    def get(self, request: Request) -> Response:
        """Read the settings."""
        return Response(serializers.AdvocacySettingsSerializer(AdvocacySettings.load()).data)

    def patch(self, request: Request) -> Response:
        """Change some of the settings."""
        sent = serializers.AdvocacySettingsSerializer(AdvocacySettings.load(), data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        changed = change_advocacy_settings(by=cast(User, request.user), at=timezone.now(), **dict(sent.validated_data))
        return Response(serializers.AdvocacySettingsSerializer(changed).data)
