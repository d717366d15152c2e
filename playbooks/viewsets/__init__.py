"""How does the API answer about playbooks, and at which addresses?"""

from rest_framework.routers import BaseRouter

from playbooks.viewsets.effect import EffectRecordViewSet
from playbooks.viewsets.mails import StepMailViewSet
from playbooks.viewsets.stabilization import StabilizationPlanViewSet

__all__ = ["EffectRecordViewSet", "StabilizationPlanViewSet", "StepMailViewSet", "register"]


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    router.register("stabilization-plans", StabilizationPlanViewSet)
    router.register("step-mails", StepMailViewSet)
    router.register("effect-records", EffectRecordViewSet)
