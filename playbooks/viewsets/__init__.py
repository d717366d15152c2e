"""How does the API answer about playbooks, and at which addresses?"""

from rest_framework.routers import BaseRouter

from playbooks.viewsets.stabilization import StabilizationPlanViewSet

__all__ = ["StabilizationPlanViewSet", "register"]


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    router.register("stabilization-plans", StabilizationPlanViewSet)
