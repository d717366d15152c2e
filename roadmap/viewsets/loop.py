"""How does the API answer about who has to hear what was decided?"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rules.roles import Capability
from accounts.viewsets.base import RecordViewSet
from roadmap import actions, filters, serializers
from roadmap.models import RequestAnswer
from roadmap.queries import with_answerer, with_words


class RequestAnswerViewSet(RecordViewSet):
    """Who asked and has to hear what was decided, of the accounts that you may see."""

    queryset = RequestAnswer.objects.select_related("change").order_by("-pk")
    serializer_class = serializers.RequestAnswerSerializer
    filterset_class = filters.RequestAnswerFilter
    write_capability = Capability.EDIT_ROADMAP
    http_method_names = ["get", "head", "options", "post"]

    def get_queryset(self) -> Any:
        """Add the customers' words and who gives the answers."""
        return with_answerer(with_words(super().get_queryset()))

    @extend_schema(request=None, responses=serializers.RequestAnswerSerializer)
    @action(detail=True, methods=["post"])
    def told(self, request: Request, pk: str = "") -> Response:
        """Say that the customer was told; it stands on the account's timeline."""
        row = self.get_object()
        actions.tell_customers(answers=[row], by=self.user, at=self.at)
        return self.answer(row)

    @extend_schema(request=serializers.ReplySerializer, responses=serializers.RequestAnswerSerializer)
    @action(detail=True, methods=["post"])
    def replied(self, request: Request, pk: str = "") -> Response:
        """Say what the customer replied."""
        return self._done_with(serializers.ReplySerializer, actions.record_reply)

    @extend_schema(request=serializers.ExcuseSerializer, responses=serializers.RequestAnswerSerializer)
    @action(detail=True, methods=["post"])
    def excused(self, request: Request, pk: str = "") -> Response:
        """Say that nobody has to be told, and why."""
        return self._done_with(serializers.ExcuseSerializer, actions.excuse_answer)

    @extend_schema(request=None, responses=serializers.RequestAnswerSerializer)
    @action(detail=True, methods=["post"])
    def reopened(self, request: Request, pk: str = "") -> Response:
        """Take back what was said of an answer."""
        row = self.get_object()
        actions.reopen_answers(answers=[row], by=self.user, at=self.at)
        return self.answer(row)

    def _done_with(self, shape: Any, act: Any) -> Response:
        row = self.get_object()
        sent = shape(data=self.request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self.done(act, answer=row, **sent.validated_data)
