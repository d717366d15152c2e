"""How does the API read and write handoffs, promises, goals, the timeline and churn records?"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import churn as churn_actions
from accounts.actions import goals as goal_actions
from accounts.actions import handoff as handoff_actions
from accounts.actions import promises as promise_actions
from accounts.actions import timeline as timeline_actions
from accounts.filters import records as filters
from accounts.models import (
    Attachment,
    BusinessGoal,
    ChurnRecord,
    ExpectationGap,
    GoalMeasurement,
    Handoff,
    HandoffVersion,
    ImplementationRecord,
    Promise,
    TimelineEntry,
)
from accounts.serializers import records as shapes
from accounts.viewsets.base import RecordViewSet


class HandoffViewSet(RecordViewSet):
    """Handoff files: written, submitted, returned, accepted."""

    queryset = Handoff.objects
    serializer_class = shapes.HandoffSerializer
    filterset_class = filters.HandoffFilter

    def get_queryset(self) -> Any:
        """Say with each file whether its account has goals."""
        goals = BusinessGoal.objects.filter(account=OuterRef("account"))
        return super().get_queryset().annotate(has_goals=Exists(goals))

    def create(self, request: Request) -> Response:
        """Begin the file of an account that has none."""
        values = self.validated(request)
        return self.done(handoff_actions.begin_handoff, 201, account=values.pop("account"), sections=values)

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Write sections; send the version that you have read."""
        handoff = self.get_object()
        values = self.validated(request, handoff)
        version = values.pop("version")
        return self.done(handoff_actions.save_handoff, account=handoff.account, sections=values, version=version)

    @extend_schema(request=None, responses=shapes.HandoffSerializer)
    @action(detail=True, methods=["post"], serializer_class=shapes.HandoffSerializer)
    def submit(self, request: Request, pk: str = "") -> Response:
        """Pass the file to customer success."""
        return self.done(handoff_actions.submit_handoff, account=self.get_object().account)

    @extend_schema(request=shapes.ReturnSerializer, responses=shapes.HandoffSerializer)
    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def send_back(self, request: Request, pk: str = "") -> Response:
        """Return the file with reasons."""
        handoff = self.get_object()
        sent = shapes.ReturnSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        reasons = sent.validated_data["reasons"]
        return self.done(handoff_actions.return_handoff, account=handoff.account, reasons=reasons)

    @extend_schema(request=None, responses=shapes.HandoffSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str = "") -> Response:
        """Accept the file; the onboarding starts."""
        return self.done(handoff_actions.accept_handoff, account=self.get_object().account)


class HandoffVersionViewSet(RecordViewSet):
    """Every version of every handoff file, to read."""

    http_method_names = ["get", "head", "options"]
    queryset = HandoffVersion.objects.select_related("handoff").order_by("-number", "-pk")
    serializer_class = shapes.HandoffVersionSerializer
    filterset_class = filters.HandoffVersionFilter


class PromiseViewSet(RecordViewSet):
    """The promise ledger."""

    queryset = Promise.objects
    serializer_class = shapes.PromiseSerializer
    filterset_class = filters.PromiseFilter

    def create(self, request: Request) -> Response:
        """Write a promise down."""
        return self.done(promise_actions.add_promise, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change its words, day or evidence."""
        promise = self.get_object()
        return self.done(promise_actions.update_promise, promise=promise, **self.validated(request, promise))

    @extend_schema(request=shapes.SettleSerializer, responses=shapes.PromiseSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str = "") -> Response:
        """Say that it was kept, broken or renegotiated."""
        promise = self.get_object()
        sent = shapes.SettleSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self.done(promise_actions.settle_promise, promise=promise, **sent.validated_data)


class ExpectationGapViewSet(RecordViewSet):
    """What customers expect and the product does not do today."""

    queryset = ExpectationGap.objects
    serializer_class = shapes.ExpectationGapSerializer
    filterset_class = filters.ExpectationGapFilter

    def create(self, request: Request) -> Response:
        """Write a gap down."""
        return self.done(promise_actions.add_expectation_gap, 201, **self.validated(request))

    @extend_schema(request=shapes.CloseSerializer, responses=shapes.ExpectationGapSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str = "") -> Response:
        """Say that the gap is closed."""
        gap = self.get_object()
        sent = shapes.CloseSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self.done(promise_actions.close_expectation_gap, gap=gap, **sent.validated_data)


class ImplementationRecordViewSet(RecordViewSet):
    """How the product was put to work, stage by stage."""

    queryset = ImplementationRecord.objects.prefetch_related("attachments")
    serializer_class = shapes.ImplementationRecordSerializer
    filterset_class = filters.ImplementationRecordFilter

    def create(self, request: Request) -> Response:
        """Add a record."""
        return self.done(promise_actions.add_implementation_record, 201, **self.validated(request))


class AttachmentViewSet(RecordViewSet):
    """Files of the implementation archive."""

    queryset = Attachment.objects
    serializer_class = shapes.AttachmentSerializer
    filterset_class = filters.AttachmentFilter
    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": shapes.UploadSerializer}, responses={201: shapes.AttachmentSerializer}
    )
    def create(self, request: Request) -> Response:
        """Keep a file: PDF, pictures, Office documents or plain text, at most 10 MB."""
        sent = shapes.UploadSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        return self.done(promise_actions.attach_file, 201, record=values["record"], upload=values["file"])

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Throw a file away."""
        promise_actions.delete_attachment(attachment=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def download(self, request: Request, pk: str = "") -> FileResponse:
        """Give the file itself, always as a download."""
        return attachment_response(self.get_object())


def attachment_response(attachment: Attachment) -> FileResponse:
    """Answer a stored file so that no browser runs it."""
    response = FileResponse(
        attachment.file.open("rb"),
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "no-store, private"
    return response


class BusinessGoalViewSet(RecordViewSet):
    """What customers want to reach."""

    queryset = BusinessGoal.objects.prefetch_related("measurements")
    serializer_class = shapes.BusinessGoalSerializer
    filterset_class = filters.BusinessGoalFilter

    def create(self, request: Request) -> Response:
        """Add a goal."""
        return self.done(goal_actions.add_goal, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change a goal."""
        goal = self.get_object()
        return self.done(goal_actions.update_goal, goal=goal, **self.validated(request, goal))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Delete a goal and its measurements."""
        goal_actions.delete_goal(goal=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)


class GoalMeasurementViewSet(RecordViewSet):
    """Where goals stood, day by day. A second value for a day replaces the first."""

    queryset = GoalMeasurement.objects
    serializer_class = shapes.GoalMeasurementSerializer
    filterset_class = filters.GoalMeasurementFilter

    def create(self, request: Request) -> Response:
        """Write a value down."""
        return self.done(goal_actions.measure_goal, 201, **self.validated(request))


class TimelineViewSet(RecordViewSet):
    """What happened with customers, newest first."""

    queryset = TimelineEntry.objects.prefetch_related("contacts")
    serializer_class = shapes.TimelineEntrySerializer
    filterset_class = filters.TimelineFilter

    def create(self, request: Request) -> Response:
        """Log a touch or a note."""
        values = self.validated(request)
        values.setdefault("kind", TimelineEntry.Kind.NOTE)
        happened_at = values.pop("at", None)
        return self.done(timeline_actions.log_entry, 201, happened_at=happened_at, **values)

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Correct an entry that a person wrote."""
        entry = self.get_object()
        values = self.validated(request, entry)
        happened_at = values.pop("at", None)
        if happened_at is not None:
            values["happened_at"] = happened_at
        return self.done(timeline_actions.update_entry, entry=entry, **values)

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Throw an entry away that a person wrote."""
        timeline_actions.delete_entry(entry=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)

    @extend_schema(request=None, responses=shapes.TimelineEntrySerializer)
    @action(detail=True, methods=["post"], url_path="follow-up-done", url_name="follow-up-done")
    def follow_up_done(self, request: Request, pk: str = "") -> Response:
        """Tick a follow-up off."""
        return self.done(timeline_actions.finish_follow_up, entry=self.get_object())


class ChurnRecordViewSet(RecordViewSet):
    """Who left, when and why."""

    queryset = ChurnRecord.objects
    serializer_class = shapes.ChurnRecordSerializer
    filterset_class = filters.ChurnRecordFilter

    def create(self, request: Request) -> Response:
        """Record that a customer left."""
        return self.done(churn_actions.record_churn, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Complete the record."""
        record = self.get_object()
        return self.done(churn_actions.update_churn, record=record, **self.validated(request, record))
