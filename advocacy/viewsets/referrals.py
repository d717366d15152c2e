"""How does the API answer about who brought whom?"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from accounts.viewsets.base import RecordViewSet
from advocacy.actions import referrals as actions
from advocacy.filters.referrals import ReferralFilter
from advocacy.models import Referral
from advocacy.serializers import referrals as serializers


class ReferralViewSet(RecordViewSet):
    """Companies that customers brought, and how far each has come."""

    queryset = Referral.objects.order_by("-pk")
    serializer_class = serializers.ReferralSerializer
    filterset_class = ReferralFilter

    def create(self, request: Request) -> Response:
        """Write down whom a customer brought; nobody brings itself, at once or in a circle."""
        return self.done(actions.add_referral, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Correct the company, who brought it, the account that it became."""
        referral = self.get_object()
        return self.done(actions.change_referral, referral=referral, **self.validated(request, referral))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Take away a referral that never was."""
        actions.delete_referral(referral=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)

    @extend_schema(request=serializers.ReferralStepSerializer, responses=serializers.ReferralSerializer)
    @action(detail=True, methods=["post"])
    def advance(self, request: Request, pk: str = "") -> Response:
        """Move a referral on along the loop, lose it, or take a lost one up again."""
        return self._with(serializers.ReferralStepSerializer, actions.advance_referral)

    @extend_schema(request=serializers.ThanksSerializer, responses=serializers.ReferralSerializer)
    @action(detail=True, methods=["post"])
    def thank(self, request: Request, pk: str = "") -> Response:
        """Write down how the customer was thanked."""
        return self._with(serializers.ThanksSerializer, actions.thank_for_referral)

    def _with(self, shape: Any, act: Any) -> Response:
        referral = self.get_object()
        sent = shape(data=self.request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self.done(act, referral=referral, **sent.validated_data)


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    router.register("referrals", ReferralViewSet)
