"""How does a case study come to be public, when does it leave again, and what does it show?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from accounts.rules.goals import BeforeAfter


class CaseState(StrEnum):
    """Where a case study stands."""

    DRAFT = "draft"
    WITH_CUSTOMER = "with_customer"
    APPROVED = "approved"
    PUBLISHED = "published"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


# From each state, where a case study can go. What the customer has seen is changed only as a draft again.
WAYS: Mapping[CaseState, tuple[CaseState, ...]] = {
    CaseState.DRAFT: (CaseState.WITH_CUSTOMER, CaseState.WITHDRAWN),
    CaseState.WITH_CUSTOMER: (CaseState.APPROVED, CaseState.DRAFT, CaseState.WITHDRAWN),
    CaseState.APPROVED: (CaseState.PUBLISHED, CaseState.DRAFT, CaseState.WITHDRAWN),
    CaseState.PUBLISHED: (CaseState.EXPIRED, CaseState.WITHDRAWN),
    CaseState.EXPIRED: (CaseState.DRAFT, CaseState.WITHDRAWN),
    CaseState.WITHDRAWN: (CaseState.DRAFT,),
}


def next_case_states(state: str) -> tuple[CaseState, ...]:
    """Say where a case study can go from a state.

    >>> [str(state) for state in next_case_states("with_customer")]
    ['approved', 'draft', 'withdrawn']
    """
    return WAYS[CaseState(state)]


class Hindrance(StrEnum):
    """Why a case study may not be seen by the public."""

    NOT_PUBLISHED = "not_published"
    EXPIRED = "expired"
    NO_CONSENT = "no_consent"


def public_hindrance(state: str, on: dt.date, *, expires_on: dt.date | None, has_consent: bool) -> Hindrance | None:
    """Say what keeps a case study off its public page on a day; nothing if it may be read. Ends are exclusive.

    >>> day = dt.date(2026, 6, 15)
    >>> public_hindrance("published", day, expires_on=dt.date(2026, 6, 16), has_consent=True) is None
    True
    >>> str(public_hindrance("published", day, expires_on=day, has_consent=True))
    'expired'
    >>> str(public_hindrance("published", day, expires_on=None, has_consent=False))
    'no_consent'
    """
    if state != CaseState.PUBLISHED:
        return Hindrance.NOT_PUBLISHED
    if expires_on is not None and expires_on <= on:
        return Hindrance.EXPIRED
    return None if has_consent else Hindrance.NO_CONSENT


@dataclass(frozen=True)
class Proof:
    """One goal as a case study shows it: where it stood before going live, where it stands since."""

    name: str
    metric: str
    unit: str
    baseline: Decimal
    target: Decimal
    before: Decimal
    before_on: dt.date | None
    after: Decimal
    after_on: dt.date
    attainment: Decimal
    measured: tuple[tuple[dt.date, Decimal], ...] = ()

    @property
    def change_rate(self) -> Decimal | None:
        """By which share of itself the figure changed; none from nothing."""
        return (self.after - self.before) / abs(self.before) if self.before else None

    def frozen(self) -> dict[str, Any]:
        """The same as JSON keeps it, every digit as it was."""
        return {
            "name": self.name, "metric": self.metric, "unit": self.unit,
            "baseline": str(self.baseline), "target": str(self.target), "before": str(self.before),
            "before_on": self.before_on.isoformat() if self.before_on else None,
            "after": str(self.after), "after_on": self.after_on.isoformat(), "attainment": str(self.attainment),
            "measured": [[on.isoformat(), str(value)] for on, value in self.measured],
        }  # fmt: skip


def proof_of(
    names: tuple[str, str, str],
    span: tuple[Decimal, Decimal],
    pair: BeforeAfter,
    share: Decimal | None,
    measured: Sequence[tuple[dt.date, Decimal]] = (),
) -> Proof | None:
    """Make the proof of a goal from its before and after; none before there is an after to show.

    >>> pair = BeforeAfter(Decimal(9), None, Decimal(4), dt.date(2026, 5, 1))
    >>> made = proof_of(("Faster", "Days", "d"), (Decimal(9), Decimal(4)), pair, Decimal(1))
    >>> made.before, made.after, round(made.change_rate, 2)
    (Decimal('9'), Decimal('4'), Decimal('-0.56'))
    >>> proof_of(("Faster", "", ""), (Decimal(9), Decimal(4)), BeforeAfter(Decimal(9), None, None, None), None) is None
    True
    """  # fmt: skip
    if pair.before is None or pair.after is None or pair.after_on is None or share is None:
        return None
    return Proof(*names, *span, pair.before, pair.before_on, pair.after, pair.after_on, share, tuple(measured))


def thawed_proof(kept: Any) -> Proof | None:
    """Read a proof back from what was frozen; what cannot be read is none.

    >>> pair = BeforeAfter(Decimal(9), None, Decimal(4), dt.date(2026, 5, 1))
    >>> made = proof_of(("Faster", "", "d"), (Decimal(9), Decimal(4)), pair, Decimal(1))
    >>> thawed_proof(made.frozen()) == made, thawed_proof({"name": "Faster"}) is None
    (True, True)
    """
    try:
        return Proof(
            kept["name"], kept["metric"], kept["unit"], Decimal(kept["baseline"]), Decimal(kept["target"]),
            Decimal(kept["before"]), dt.date.fromisoformat(kept["before_on"]) if kept["before_on"] else None,
            Decimal(kept["after"]), dt.date.fromisoformat(kept["after_on"]), Decimal(kept["attainment"]),
            tuple((dt.date.fromisoformat(on), Decimal(value)) for on, value in kept["measured"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, InvalidOperation):
        return None
