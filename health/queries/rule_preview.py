"""Of whom would a rule warn today if it were saved as it stands, and what would change?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Account, User
from health.models import EarlyWarning, WarningRule, sentence
from health.queries.warnings import customers_on, judge_rule
from health.rules.warnings import hold_back_limit

SHOWN = 20


@dataclass(frozen=True)
class RulePreview:
    """A rule tried on the accounts that a person sees; nothing was written."""

    on: dt.date
    book: int
    warned: int
    opening: int
    closing: int
    unknown: int
    limit: int
    examples: Sequence[tuple[Account, str]]

    @property
    def is_held_back(self) -> bool:
        """Whether the rule would open too many at once, and so none."""
        return self.opening > self.limit


def preview_rule(rule: WarningRule, user: User, on: dt.date) -> RulePreview:
    """Judge the accounts that a person sees by a rule as it stands, saved or not."""
    seen = set(Account.objects.visible_to(user).order_by().values_list("pk", flat=True))
    reasons: dict[int, str] = {}
    book = unknown = 0
    for part in customers_on(on, sorted(seen)):
        judged = judge_rule(part, rule)
        book += len(part.ids)
        unknown += int((~judged.judged & ~judged.fires).sum())
        for row, account in enumerate(part.ids.tolist()):
            if judged.fires[row]:
                shown = len(reasons) < SHOWN
                reasons[account] = " · ".join(map(sentence, judged.evidence(row))) if shown else ""
    known = EarlyWarning.objects.unresolved().filter(rule_id=rule.pk) if rule.pk else EarlyWarning.objects.none()
    open_now = set(known.values_list("account_id", flat=True)) & seen
    named = Account.objects.in_bulk([account for account, reason in reasons.items() if reason])
    return RulePreview(
        on=on,
        book=book,
        warned=len(reasons),
        opening=len(set(reasons) - open_now),
        closing=len(open_now - set(reasons)),
        unknown=unknown,
        limit=hold_back_limit(book, rule.hold_percent, rule.hold_count),
        examples=[(named[account], reason) for account, reason in reasons.items() if account in named],
    )
