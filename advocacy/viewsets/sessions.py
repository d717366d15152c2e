"""How does the API answer about sharing sessions?"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from accounts.rules.roles import Capability
from accounts.viewsets.base import RecordViewSet
from advocacy.actions import sessions as actions
from advocacy.filters import sessions as filters
from advocacy.models import SessionInvitation, SessionTalk, SharingSession
from advocacy.queries.sessions import accounts_in_segment
from advocacy.serializers import sessions as serializers


class SharingSessionViewSet(RecordViewSet):
    """Meetings in which customers tell customers how they work."""

    queryset = SharingSession.objects.order_by("-on", "-pk")
    serializer_class = serializers.SharingSessionSerializer
    filterset_class = filters.SharingSessionFilter
    write_capability = Capability.EDIT_ADVOCACY

    def create(self, request: Request) -> Response:
        """Plan a session."""
        return self.done(actions.plan_session, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change a session; its name and day stay once somebody came."""
        session = self.get_object()
        return self.done(actions.change_session, session=session, **self.validated(request, session))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Take away a session to which nobody was invited."""
        actions.delete_session(session=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)

    @extend_schema(request=serializers.CancelSerializer, responses=serializers.SharingSessionSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str = "") -> Response:
        """Call a session off."""
        session = self.get_object()
        sent = serializers.CancelSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self.done(actions.cancel_session, session=session, **sent.validated_data)

    @extend_schema(request=None, responses=serializers.SharingSessionSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str = "") -> Response:
        """Take back that a session was called off."""
        return self.done(actions.restore_session, session=self.get_object())


class SessionInvitationViewSet(RecordViewSet):
    """The customers of sessions: who is invited, who came, what follows."""

    queryset = SessionInvitation.objects.order_by("-pk")
    serializer_class = serializers.SessionInvitationSerializer
    filterset_class = filters.SessionInvitationFilter

    def create(self, request: Request) -> Response:
        """Invite one customer; a contact may be named."""
        return self.done(actions.invite_account, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Say which contact is invited, or came."""
        return self._with(serializers.InvitationContactSerializer, actions.change_invitation)

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Take an invitation back; who came stays on record."""
        actions.withdraw_invitation(invitation=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)

    @extend_schema(request=serializers.SegmentSerializer, responses=serializers.CountSerializer)
    @action(detail=False, methods=["post"])
    def invite(self, request: Request) -> Response:
        """Invite all customers of a segment; who is invited already stays so."""
        sent = self._sent(serializers.SegmentSerializer)
        accounts = accounts_in_segment(sent.segment(), self.user, self.get_serializer_context()["on"])
        session = sent.validated_data["session"]
        count = actions.invite_accounts(session=session, accounts=accounts, by=self.user, at=self.at)
        return Response({"count": count})

    @extend_schema(request=serializers.CameSerializer, responses=serializers.CountSerializer)
    @action(detail=False, methods=["post"])
    def came(self, request: Request) -> Response:
        """Write down which customers came, invited or not; returns how many were not known to have."""
        sent = self._sent(serializers.CameSerializer)
        return Response({"count": actions.record_attendance(by=self.user, at=self.at, **sent.validated_data)})

    @extend_schema(request=serializers.SessionAnswerSerializer, responses=serializers.SessionInvitationSerializer)
    @action(detail=True, methods=["post"], url_path="answer", url_name="answer")
    def record_answer(self, request: Request, pk: str = "") -> Response:
        """Write down whether they come."""
        return self._with(serializers.SessionAnswerSerializer, actions.answer_invitation)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], url_path="not-came", url_name="not-came")
    def not_came(self, request: Request, pk: str = "") -> Response:
        """Take back that they came."""
        actions.take_back_attendance(invitation=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)

    def _sent(self, shape: Any) -> Any:
        sent = shape(data=self.request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return sent

    def _with(self, shape: Any, act: Any) -> Response:
        invitation = self.get_object()
        return self.done(act, invitation=invitation, **self._sent(shape).validated_data)


class SessionTalkViewSet(RecordViewSet):
    """Talks of advocates in sessions."""

    http_method_names = ["get", "head", "options", "post", "delete"]
    queryset = SessionTalk.objects.order_by("-pk")
    serializer_class = serializers.SessionTalkSerializer
    filterset_class = filters.SessionTalkFilter
    write_capability = Capability.EDIT_ADVOCACY

    def create(self, request: Request) -> Response:
        """Put a talk of an advocate on the programme."""
        return self.done(actions.add_talk, 201, **self.validated(request))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Take a talk off the programme."""
        actions.delete_talk(talk=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    router.register("sharing-sessions", SharingSessionViewSet)
    router.register("session-invitations", SessionInvitationViewSet)
    router.register("session-talks", SessionTalkViewSet)
