"""How does the API answer about case studies?"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from accounts.rules.roles import Capability
from accounts.viewsets.base import RecordViewSet
from advocacy.actions import case_studies as actions
from advocacy.filters.case_studies import CaseStudyFilter
from advocacy.models import CaseStudy
from advocacy.queries.case_studies import with_consent
from advocacy.serializers import case_studies as serializers


class CaseStudyViewSet(RecordViewSet):
    """Customers' stories with their proof, from the draft to the public page."""

    queryset = CaseStudy.objects.order_by("-pk").prefetch_related("goals")
    serializer_class = serializers.CaseStudySerializer
    filterset_class = CaseStudyFilter

    @property
    def write_capability(self) -> Capability:  # type: ignore[override]
        """Ask more of who puts one before the public."""
        return Capability.EDIT_ADVOCACY if self.action == "publish" else Capability.EDIT_ACCOUNTS

    def get_queryset(self) -> Any:
        """Restrict the rows to what the person may see, each with whether its consent holds today."""
        return with_consent(super().get_queryset(), self.get_serializer_context()["on"])

    def create(self, request: Request) -> Response:
        """Begin a case study of a customer."""
        return self.done(actions.write_case, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change a draft."""
        case = self.get_object()
        return self.done(actions.change_case, case=case, **self.validated(request, case))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Take away a draft."""
        actions.delete_case(case=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)

    @extend_schema(request=None, responses=serializers.CaseStudySerializer)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str = "") -> Response:
        """Send a draft to the customer for approval: text and figures stand as they are from now on."""
        return self.done(actions.send_case, case=self.get_object())

    @extend_schema(request=serializers.ApprovalSerializer, responses=serializers.CaseStudySerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str = "") -> Response:
        """Write down who at the customer approved it."""
        return self._with(serializers.ApprovalSerializer, actions.approve_case)

    @extend_schema(request=serializers.PublicationSerializer, responses=serializers.CaseStudySerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str = "") -> Response:
        """Put it on a public page of its own; the consent of who approved it has to hold."""
        return self._with(serializers.PublicationSerializer, actions.publish_case)

    @extend_schema(request=serializers.WithdrawalSerializer, responses=serializers.CaseStudySerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str = "") -> Response:
        """Take it back, from its public page too."""
        return self._with(serializers.WithdrawalSerializer, actions.withdraw_case)

    @extend_schema(request=None, responses=serializers.CaseStudySerializer)
    @action(detail=True, methods=["post"])
    def redraft(self, request: Request, pk: str = "") -> Response:
        """Make it a draft again; the customer approves anew."""
        return self.done(actions.redraft_case, case=self.get_object())

    def _with(self, shape: Any, act: Any) -> Response:
        case = self.get_object()
        sent = shape(data=self.request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self.done(act, case=case, **sent.validated_data)


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    router.register("case-studies", CaseStudyViewSet)
