"""How does the API answer about playbooks, and at which addresses?"""

from rest_framework.routers import BaseRouter

from playbooks.viewsets.effect import EffectRecordViewSet
from playbooks.viewsets.mails import StepMailViewSet
from playbooks.viewsets.stabilization import StabilizationPlanViewSet
from playbooks.viewsets.templates import PlaybookVersionViewSet, PlaybookViewSet, TriggerFiringViewSet
from playbooks.viewsets.work import RunViewSet, TaskViewSet

__all__ = [
    "EffectRecordViewSet",
    "PlaybookVersionViewSet",
    "PlaybookViewSet",
    "RunViewSet",
    "StabilizationPlanViewSet",
    "StepMailViewSet",
    "TaskViewSet",
    "TriggerFiringViewSet",
    "register",
]


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    router.register("playbooks", PlaybookViewSet)
    router.register("playbook-versions", PlaybookVersionViewSet)
    router.register("playbook-runs", RunViewSet, basename="playbookrun")
    router.register("trigger-firings", TriggerFiringViewSet)
    router.register("tasks", TaskViewSet)
    router.register("stabilization-plans", StabilizationPlanViewSet)
    router.register("step-mails", StepMailViewSet)
    router.register("effect-records", EffectRecordViewSet)
