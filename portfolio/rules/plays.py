"""Which kind of playbook does the state of an account ask for?"""

from __future__ import annotations

from collections.abc import Collection

RENEWAL_NEAR = 60
RENEWAL_AHEAD = 120


def fitting_category(
    *, band: str, stage: str, days_to_renewal: int | None, warnings: Collection[str], talks_begun: bool
) -> str:
    """Name the kind of playbook to start, or nothing: what is most urgent comes first.

    A sponsor who left and many complaints have plays of their own; a red account or a quiet renewal asks for a rescue;
    a yellow one that fell for a stabilization; then onboarding and renewals that are simply due.

    >>> state = dict(band="red", stage="mature", days_to_renewal=200, talks_begun=False)
    >>> fitting_category(warnings=["champion_left"], **state), fitting_category(warnings=[], **state)
    ('sponsor_change', 'rescue')
    >>> fitting_category(warnings=["core_drop_30"], **state | {"band": "yellow"})
    'rescue'
    >>> fitting_category(warnings=[], **state | {"band": "yellow"})
    'stabilization'
    >>> fitting_category(warnings=[], **state | {"band": "green", "days_to_renewal": 100})
    'renewal'
    >>> fitting_category(warnings=[], **state | {"band": "green"})
    ''
    """
    if "complaints_5" in warnings:
        return "escalation"
    if "champion_left" in warnings:
        return "sponsor_change"
    is_quiet = days_to_renewal is not None and days_to_renewal <= RENEWAL_NEAR and not talks_begun
    if band == "red" or is_quiet or {"core_drop_30", "silent_7d", "renewal_quiet_90d", "module_loss"} & set(warnings):
        return "rescue"
    if band == "yellow":
        return "stabilization"
    if stage == "onboarding":
        return "onboarding"
    if days_to_renewal is not None and 0 <= days_to_renewal <= RENEWAL_AHEAD:
        return "renewal"
    return ""
