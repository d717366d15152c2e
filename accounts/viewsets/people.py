"""How does the API answer about the people who work here, their teams, the organisation and the audit trail?"""

from __future__ import annotations

from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import has_just_confirmed, may
from accounts.actions import organisation as organisation_actions
from accounts.actions import people as actions
from accounts.filters import people as filters
from accounts.models import AuditEvent, Organisation, Team, User
from accounts.rules.roles import Capability
from accounts.serializers import people as shapes
from accounts.viewsets.base import RecordViewSet

SAFE = ("GET", "HEAD", "OPTIONS")


class ForAdmins:
    """Everybody may read, admins alone may write; a token needs the admin scope for that."""

    write_capability: Capability | None = Capability.MANAGE_PEOPLE

    @property
    def scope(self) -> str:
        """The scope that a token needs for this request."""
        request = getattr(self, "request", None)
        return "read" if request is None or request.method in SAFE else "admin"


class PersonViewSet(ForAdmins, RecordViewSet):
    """People who sign in: everybody sees their colleagues' names, roles and teams; an admin manages them."""

    queryset = User.objects
    serializer_class = shapes.PersonSerializer
    filterset_class = filters.PersonFilter

    def create(self, request: Request) -> Response:
        """Invite somebody; they get a link by mail."""
        self._confirm(request)
        return self.done(actions.invite_person, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change name, role, team or what somebody sees."""
        person = self.get_object()
        values = self.validated(request, person)
        if values.get("role", person.role) != person.role:
            self._confirm(request)
        return self.done(actions.change_person, person=person, **values)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str = "") -> Response:
        """Shut somebody out, at their next request."""
        return self.done(actions.deactivate_person, person=self.get_object())

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def reactivate(self, request: Request, pk: str = "") -> Response:
        """Let somebody in again."""
        return self.done(actions.reactivate_person, person=self.get_object())

    def _confirm(self, request: Request) -> None:
        """A browser that has been open for a while has to show first who sits before it."""
        if request.auth is None and not has_just_confirmed(request._request):
            raise exceptions.PermissionDenied(_("Confirm who you are on the pages first, then try again."))


class TeamViewSet(ForAdmins, RecordViewSet):
    """Teams."""

    queryset = Team.objects
    serializer_class = shapes.TeamSerializer

    def create(self, request: Request) -> Response:
        """Make a team."""
        return self.done(actions.create_team, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Give a team another name."""
        team = self.get_object()
        return self.done(actions.rename_team, team=team, **({"name": team.name} | self.validated(request, team)))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Delete a team that nobody is in."""
        actions.delete_team(team=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)


class AuditEventViewSet(RecordViewSet):
    """What was done, by whom, when and from where; for admins, who alone find it."""

    queryset = AuditEvent.objects
    serializer_class = shapes.AuditEventSerializer
    filterset_class = filters.AuditFilter
    http_method_names = ["get", "head", "options"]
    scope = "admin"

    def check_permissions(self, request: Request) -> None:
        """Answer to others as if there were nothing."""
        if isinstance(request.user, User) and not may(request.user, Capability.MANAGE_PEOPLE):
            raise exceptions.NotFound
        super().check_permissions(request)


class OrganisationView(ForAdmins, APIView):
    """What holds for everybody."""

    write_capability = Capability.MANAGE_SETTINGS
    serializer_class = shapes.OrganisationSerializer

    @extend_schema(operation_id="organisation_retrieve")
    def get(self, request: Request) -> Response:
        """Read the settings."""
        return Response(shapes.OrganisationSerializer(Organisation.load()).data)

    def patch(self, request: Request) -> Response:
        """Change some of the settings."""
        sent = shapes.OrganisationSerializer(Organisation.load(), data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        values: dict[str, Any] = dict(sent.validated_data)
        changed = organisation_actions.change_organisation(by=cast(User, request.user), at=timezone.now(), **values)
        return Response(shapes.OrganisationSerializer(changed).data)
