"""How do we say in words why a playbook starts for an account, or why it does not?"""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playbooks.models import Run
from playbooks.queries.judging import Judged
from playbooks.rules.firing import Verdict

WORDS = {
    Verdict.START: gettext_lazy("Would start"),
    Verdict.REPEAT: gettext_lazy("Runs for this account already"),
    Verdict.TOO_SOON: gettext_lazy("Ran for this account not long ago"),
    Verdict.CHURNED: gettext_lazy("The customer left"),
    Verdict.NOT_MEANT: gettext_lazy("Does not meet the entry rule"),
    Verdict.NO_STEPS: gettext_lazy("No step for how this account is served"),
    Verdict.REACHED: gettext_lazy("Has reached the goal already"),
    Verdict.SNOOZED: gettext_lazy("Put off"),
    Verdict.LOOP: gettext_lazy("Would go in a circle: started today already, or by too many others"),
    Verdict.HELD: gettext_lazy("Held back: too many at once"),
    Verdict.LIMITED: gettext_lazy("Waits: enough have started lately"),
}


def reason_of(judged: Judged) -> str:
    """Say what becomes of a cause."""
    said = str(WORDS[judged.verdict])
    if judged.verdict == Verdict.SNOOZED and judged.snoozed_until is not None:
        return _("Put off until %(day)s") % {"day": date_format(judged.snoozed_until)}
    return said


def cause_words(kind: str) -> str:
    """Name the kind of a cause."""
    return str(Run.Cause(kind).label)
