"""How does the API answer about health, and at which addresses?"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter
from rest_framework.serializers import Serializer

from accounts.access import may, sees_money
from accounts.models import Account, Organisation
from accounts.rules.roles import Capability
from accounts.viewsets.base import RecordViewSet
from common.api import StrictJSONParser
from health import actions, filters, serializers
from health.actions import check_definition
from health.models import (
    ChurnModel,
    ChurnRisk,
    EarlyWarning,
    HealthOverride,
    HealthScore,
    Scorecard,
    TrackRecord,
    WarningRule,
)
from health.queries.cards import problem_of
from health.queries.editor import standing_of
from health.queries.preview import look_back, preview


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


class ScorecardParser(StrictJSONParser):
    """A formula stands in an indicator, in a group, in a definition: deeper than other bodies."""

    max_levels = 8


class ScorecardViewSet(RecordViewSet):
    """How scores are made, in the order in which scorecards are tried, with all versions; drafted and published."""

    http_method_names = ["get", "head", "options", "post", "patch", "put"]
    write_capability = Capability.EDIT_HEALTH
    queryset = Scorecard.objects.prefetch_related("versions").order_by("position", "pk")
    serializer_class = serializers.ScorecardSerializer
    filterset_class = filters.ScorecardFilter
    parser_classes = [ScorecardParser]

    def create(self, request: Request) -> Response:
        """Add a scorecard; it scores nobody until a version of it is published."""
        return self.done(actions.add_scorecard, 201, name=self.validated(request)["name"])

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Give it another name, or take it out of use or into use again."""
        scorecard, sent = self.get_object(), self.validated(request, self.get_object())
        if "name" in sent:
            actions.rename_scorecard(scorecard=scorecard, name=sent["name"], by=self.user, at=self.at)
        if "is_active" in sent:
            actions.use_scorecard(scorecard=scorecard, is_active=sent["is_active"], by=self.user, at=self.at)
        return self.answer(scorecard)

    @extend_schema(responses=serializers.ScorecardDraftSerializer)
    @action(detail=True, methods=["get"])
    def draft(self, request: Request, pk: str = "") -> Response:
        """Read the draft, or what a draft would begin with (version 0)."""
        return self._draft(self.get_object())

    @extend_schema(request=serializers.ScorecardDraftSerializer, responses=serializers.ScorecardDraftSerializer)
    @draft.mapping.put
    def change_draft(self, request: Request, pk: str = "") -> Response:
        """Say what the next version says; the weights need not add up yet."""
        scorecard = self.get_object()
        sent = self._sent(serializers.ScorecardDraftSerializer, request)
        actions.change_draft(scorecard=scorecard, by=self.user, at=self.at, **sent)
        return self._draft(scorecard)

    @extend_schema(responses=serializers.PreviewSerializer)
    @action(detail=True, methods=["get"])
    def preview(self, request: Request, pk: str = "") -> Response:
        """See who would change band with the draft, and whether it would have warned of who left."""
        if not may(self.user, Capability.EDIT_HEALTH):
            raise PermissionDenied
        standing = standing_of(self.get_object())
        check_definition(standing.definition)
        on, seen = Organisation.load().day_of(self.at), Account.objects.visible_to(self.user)
        found = preview(standing, seen, on=on, with_money=sees_money(self.user))
        back = look_back(standing, seen, on=on)
        told = {**vars(found), "warned": back.warned, "stayed": back.stayed, "left_out": back.left_out}
        return Response(serializers.PreviewSerializer(told).data)

    @extend_schema(request=serializers.PublishSerializer, responses=serializers.ScorecardSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str = "") -> Response:
        """Put the draft in force from a day on, today at the earliest."""
        scorecard = self.get_object()
        sent = self._sent(serializers.PublishSerializer, request)
        today = Organisation.load().day_of(self.at)
        actions.publish_draft(scorecard=scorecard, today=today, by=self.user, at=self.at, **sent)
        return self.answer(scorecard)

    def _sent(self, shape: type[Serializer[Any]], request: Request) -> dict[str, Any]:
        serializer = shape(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        sent = dict(serializer.validated_data)
        sent["version"] = sent.pop("draft_version")
        return sent

    def _draft(self, scorecard: Scorecard) -> Response:
        standing = standing_of(scorecard)
        told = {
            "definition": standing.definition,
            "conditions": standing.conditions,
            "draft_version": standing.version,
            "problem": problem_of(standing.definition),
        }
        return Response(serializers.ScorecardDraftSerializer(told).data)


class EarlyWarningViewSet(RecordViewSet):
    """Of which accounts somebody should be warned, and what became of it; rules open and close them, people answer."""

    http_method_names = ["get", "head", "options", "post"]
    queryset = EarlyWarning.objects.select_related("rule")
    serializer_class = serializers.EarlyWarningSerializer
    filterset_class = filters.WarningFilter

    def get_queryset(self) -> Any:
        """Give the rows in the order asked for; that by money only to who may see money."""
        asked = self.request.GET.get("sort", "") if self.request else ""
        allowed = {name for name in filters.WARNING_SORTS if "risk" not in name or sees_money(self.request.user)}
        sort = filters.WARNING_SORTS[asked if asked in allowed else "-opened"]
        sign = "-" if sort.descending else ""
        return super().get_queryset().order_by(f"{sign}{sort.field}", f"{sign}pk")

    @extend_schema(request=None, responses=serializers.EarlyWarningSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str = "") -> Response:
        """Say that somebody sees to it."""
        return self.done(actions.acknowledge_warning, warning=self.get_object())

    @extend_schema(request=serializers.SnoozeSerializer, responses=serializers.EarlyWarningSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str = "") -> Response:
        """Put it off until the end of a day."""
        return self._done_with(serializers.SnoozeSerializer, actions.snooze_warning)

    @extend_schema(request=serializers.ResolveSerializer, responses=serializers.EarlyWarningSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str = "") -> Response:
        """Close it, with the reason."""
        return self._done_with(serializers.ResolveSerializer, actions.resolve_warning)

    @extend_schema(request=None, responses=serializers.EarlyWarningSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str = "") -> Response:
        """Take back that it was acknowledged, put off or resolved."""
        return self.done(actions.reopen_warning, warning=self.get_object())

    def _done_with(self, shape: Any, act: Any) -> Response:
        warning = self.get_object()
        sent = shape(data=self.request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self.done(act, warning=warning, **sent.validated_data)


class WarningRuleViewSet(RecordViewSet):
    """The rules that warn, in their order."""

    http_method_names = ["get", "head", "options", "post", "patch"]
    queryset = WarningRule.objects.order_by("position", "pk")
    serializer_class = serializers.WarningRuleSerializer
    filterset_class = filters.WarningRuleFilter
    write_capability = Capability.EDIT_HEALTH

    def create(self, request: Request) -> Response:
        """Add a rule."""
        return self.done(actions.add_rule, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change a rule; its key stays."""
        rule = self.get_object()
        values = self.validated(request, rule)
        values.pop("key", None)
        return self.done(actions.change_rule, rule=rule, **values)

    @extend_schema(request=None, responses=serializers.WarningRuleSerializer)
    @action(detail=True, methods=["post"])
    def open_held(self, request: Request, pk: str = "") -> Response:
        """Open all warnings that the rule holds back, in the background."""
        rule = self.get_object()
        actions.open_held_warnings(rule=rule, by=self.user, at=self.at)
        return self.answer(rule, 202)


class ChurnRiskViewSet(VisibleViewSet):
    """How likely each account is to leave, newest first, with the reasons and the model that said so."""

    queryset = ChurnRisk.objects.select_related("model").defer("model__parameters").order_by("-on", "-pk")
    serializer_class = serializers.ChurnRiskSerializer
    filterset_class = filters.ChurnRiskFilter


class ChurnModelViewSet(VisibleViewSet):
    """What each training of the churn model came to, newest first."""

    queryset = ChurnModel.objects.defer("parameters").order_by("-number")
    serializer_class = serializers.ChurnModelSerializer
    filterset_class = filters.ChurnModelFilter


class TrackRecordViewSet(VisibleViewSet):
    """What score, warnings, model and published figures said of past days, against what came, newest first."""

    queryset = TrackRecord.objects.order_by("-on", "-pk")
    serializer_class = serializers.TrackRecordSerializer
    filterset_class = filters.TrackRecordFilter


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    router.register("health-scores", HealthScoreViewSet)
    router.register("health-overrides", HealthOverrideViewSet)
    router.register("scorecards", ScorecardViewSet)
    router.register("early-warnings", EarlyWarningViewSet)
    router.register("warning-rules", WarningRuleViewSet)
    router.register("churn-risks", ChurnRiskViewSet)
    router.register("churn-models", ChurnModelViewSet)
    router.register("track-record", TrackRecordViewSet)
