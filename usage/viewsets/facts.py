"""How does the API read and write tickets, answers, readings and the like?"""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.viewsets.base import RecordViewSet
from usage import actions, filters, serializers
from usage.models import Attendance, Integration, MilestoneReached, Reading, SurveyAnswer, Ticket


class FactViewSet(RecordViewSet):
    """Facts about an account."""

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Take away a fact that never was one."""
        actions.delete_fact(row=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)


class TicketViewSet(FactViewSet):
    """Calls for help."""

    queryset = Ticket.objects.order_by("-opened_at", "-pk")
    serializer_class = serializers.TicketSerializer
    filterset_class = filters.TicketFilter

    def create(self, request: Request) -> Response:
        """Write down a ticket."""
        return self.done(actions.add_ticket, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change a ticket; `resolved_at` closes it."""
        ticket = self.get_object()
        return self.done(actions.change_ticket, ticket=ticket, **self.validated(request, ticket))


class SurveyAnswerViewSet(FactViewSet):
    """Answers of contacts to surveys."""

    queryset = SurveyAnswer.objects.order_by("-answered_on", "-pk")
    serializer_class = serializers.SurveyAnswerSerializer
    filterset_class = filters.SurveyAnswerFilter

    def create(self, request: Request) -> Response:
        """Write down an answer."""
        return self.done(actions.add_answer, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Correct an answer."""
        answer = self.get_object()
        return self.done(actions.change_answer, answer=answer, **self.validated(request, answer))


class ReadingViewSet(FactViewSet):
    """Numbers per account and period; one sent again replaces the earlier."""

    queryset = Reading.objects.order_by("-on", "pk")
    serializer_class = serializers.ReadingSerializer
    filterset_class = filters.ReadingFilter

    def create(self, request: Request) -> Response:
        """Say what a metric read."""
        return self.done(actions.set_reading, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Correct a reading."""
        reading = self.get_object()
        value = self.validated(request, reading).get("value", reading.value)
        same = {"account": reading.account, "metric": reading.metric, "period": reading.period, "on": reading.on}
        return self.done(actions.set_reading, value=value, **same)


class MilestoneReachedViewSet(FactViewSet):
    """Milestones that accounts have reached."""

    queryset = MilestoneReached.objects.order_by("on", "pk")
    serializer_class = serializers.MilestoneReachedSerializer
    filterset_class = filters.MilestoneReachedFilter

    def create(self, request: Request) -> Response:
        """Say on which day a milestone was reached."""
        return self.done(actions.reach_milestone, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Correct the day."""
        row = self.get_object()
        on = self.validated(request, row).get("on", row.on)
        return self.done(actions.reach_milestone, account=row.account, milestone=row.milestone, on=on)


class IntegrationViewSet(FactViewSet):
    """Systems of customers that are connected."""

    queryset = Integration.objects.order_by("pk")
    serializer_class = serializers.IntegrationSerializer
    filterset_class = filters.IntegrationFilter

    def create(self, request: Request) -> Response:
        """Say since when a system is connected."""
        return self.done(actions.connect_integration, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Correct a connection, or end it."""
        row = self.get_object()
        return self.done(actions.change_integration, integration=row, **self.validated(request, row))


class AttendanceViewSet(FactViewSet):
    """Campaigns and sharing sessions in which customers took part."""

    queryset = Attendance.objects.order_by("-on", "-pk")
    serializer_class = serializers.AttendanceSerializer
    filterset_class = filters.AttendanceFilter

    def create(self, request: Request) -> Response:
        """Write down an attendance."""
        return self.done(actions.add_attendance, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Correct an attendance."""
        row = self.get_object()
        return self.done(actions.change_attendance, attendance=row, **self.validated(request, row))
