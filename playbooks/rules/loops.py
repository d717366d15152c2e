"""Would a playbook start itself, or run in a circle with others?"""

from __future__ import annotations

from collections.abc import Iterable

from playbooks.rules.definition import Definition, TriggerKind
from playbooks.rules.steps import Step

# Of one account so many playbooks start by themselves on a day; one more is a chain that feeds itself.
MOST_STARTS_A_DAY = 5
GO_LIVE = "go_live"


def starts_itself(definition: Definition) -> str:
    """Name the step by which a playbook brings about its own trigger, or nothing.

    A finished step that is filed as the go-live gives the account its day of going live.

    >>> from playbooks.rules.definition import Trigger
    >>> live = Step("live", {"en": "Go live"}, files_as="go_live")
    >>> trigger = Trigger(TriggerKind.DATE, ("live_on",))
    >>> starts_itself(Definition({"en": "Again"}, (live,), triggers=(trigger,)))
    'live'
    >>> starts_itself(Definition({"en": "Again"}, (live,), triggers=(Trigger(TriggerKind.SIGNING),)))
    ''
    """
    waits = any(trigger.kind == TriggerKind.DATE and "live_on" in trigger.keys for trigger in definition.triggers)
    return next((step.key for step in definition.steps if waits and _dates_go_live(step)), "")


def _dates_go_live(step: Step) -> bool:
    return step.files_as == GO_LIVE


def is_loop(playbook: int, started_today: Iterable[int]) -> bool:
    """Say whether one more start of a playbook for an account on a day is a circle: itself again, or a long chain.

    >>> is_loop(7, [7]), is_loop(7, [1, 2]), is_loop(7, [1, 2, 3, 4, 5])
    (True, False, True)
    """
    started = list(started_today)
    return playbook in started or len(started) >= MOST_STARTS_A_DAY
