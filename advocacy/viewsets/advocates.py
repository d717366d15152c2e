"""How does the API answer about who speaks for us, and at which addresses?"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from accounts.viewsets.base import RecordViewSet
from advocacy import actions, filters, serializers
from advocacy.models import Advocate, Ask
from advocacy.viewsets import people


class AdvocateViewSet(RecordViewSet):
    """Contacts on the way to speaking for us."""

    queryset = Advocate.objects.order_by("-pk")
    serializer_class = serializers.AdvocateSerializer
    filterset_class = filters.AdvocateFilter
    http_method_names = ["get", "head", "options", "post", "patch"]

    def create(self, request: Request) -> Response:
        """Notice that a contact might speak for us."""
        return self.done(actions.add_advocate, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change the note."""
        advocate = self.get_object()
        values = {"note": advocate.note} | self.validated(request, advocate)
        return self.done(actions.change_note, advocate=advocate, **values)

    @extend_schema(request=serializers.AdvocateStageSerializer, responses=serializers.AdvocateSerializer)
    @action(detail=True, methods=["post"])
    def advance(self, request: Request, pk: str = "") -> Response:
        """Move an advocate to another stage."""
        advocate = self.get_object()
        sent = serializers.AdvocateStageSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self.done(actions.advance_advocate, advocate=advocate, **sent.validated_data)


class AskViewSet(RecordViewSet):
    """Favours asked of advocates, and the answers."""

    queryset = Ask.objects.order_by("-pk")
    serializer_class = serializers.AskSerializer
    filterset_class = filters.AskFilter
    http_method_names = ["get", "head", "options", "post", "delete"]

    def create(self, request: Request) -> Response:
        """Ask somebody for a favour; what the limits forbid is refused."""
        sent = self.validated(request)
        if "contact" in sent:
            return self.done(actions.ask_person, 201, **sent)
        return self.done(actions.record_ask, 201, **sent)

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Take away an ask that never was."""
        actions.delete_ask(ask=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)

    @extend_schema(request=serializers.AnswerSerializer, responses=serializers.AskSerializer)
    @action(detail=True, methods=["post"], url_path="answer", url_name="answer")
    def record_answer(self, request: Request, pk: str = "") -> Response:
        """Write down the answer."""
        return self._follow(serializers.AnswerSerializer, actions.record_answer)

    @extend_schema(request=serializers.DoneSerializer, responses=serializers.AskSerializer)
    @action(detail=True, methods=["post"], url_path="done", url_name="done")
    def finish(self, request: Request, pk: str = "") -> Response:
        """Say that the favour is done; its consent has to hold on that day."""
        return self._follow(serializers.DoneSerializer, actions.finish_ask)

    @extend_schema(request=serializers.AskThanksSerializer, responses=serializers.AskSerializer)
    @action(detail=True, methods=["post"])
    def thank(self, request: Request, pk: str = "") -> Response:
        """Write down that somebody said thank you."""
        return self._follow(serializers.AskThanksSerializer, actions.thank_for_ask)

    def _follow(self, shape: Any, act: Any) -> Response:
        ask = self.get_object()
        sent = shape(data=self.request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self.done(act, ask=ask, **sent.validated_data)


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    router.register("advocates", AdvocateViewSet)
    router.register("asks", AskViewSet)
    router.register("advocate-scores", people.AdvocateScoreViewSet)
    router.register("advocate-people", people.AdvocateRowViewSet)
    router.register("advocacy-consents", people.ConsentViewSet)
    router.register("public-mentions", people.PublicMentionViewSet)
    router.register("reference-requests", people.ReferenceRequestViewSet)
