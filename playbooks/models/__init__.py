"""Which playbooks are there, where do they run, and what is to be done?"""

from playbooks.models.runs import Run, TriggerFiring
from playbooks.models.tasks import Task, TaskNote
from playbooks.models.templates import Playbook, PlaybookDraft, PlaybookVersion

__all__ = ["Playbook", "PlaybookDraft", "PlaybookVersion", "Run", "Task", "TaskNote", "TriggerFiring"]
