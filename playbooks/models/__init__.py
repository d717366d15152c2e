"""Which playbooks are there, where do they run, and what is to be done?"""

from playbooks.models.channels import ServiceChannel
from playbooks.models.effect import EffectEstimate, EffectPolicy, EffectRecord, EffectSubject
from playbooks.models.mails import MailSettings, StepMail
from playbooks.models.runs import Run, TriggerFiring
from playbooks.models.stabilization import Checkpoint, ExitCriterion, StabilizationDriver, StabilizationPlan
from playbooks.models.tasks import Task, TaskNote
from playbooks.models.templates import Playbook, PlaybookDraft, PlaybookVersion
from playbooks.models.workload import WorkloadSettings

__all__ = [
    "Checkpoint",
    "EffectEstimate",
    "EffectPolicy",
    "EffectRecord",
    "EffectSubject",
    "ExitCriterion",
    "MailSettings",
    "Playbook",
    "PlaybookDraft",
    "PlaybookVersion",
    "Run",
    "ServiceChannel",
    "StabilizationDriver",
    "StabilizationPlan",
    "StepMail",
    "Task",
    "TaskNote",
    "TriggerFiring",
    "WorkloadSettings",
]
