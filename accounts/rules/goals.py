"""How much of a business goal is reached, and what did it look like before and after going live?"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


def attainment(baseline: Decimal, current: Decimal | None, target: Decimal) -> Decimal | None:
    """Compute (current − baseline) / (target − baseline) as a fraction; 1 is reached.

    Signs cancel where lower is better. Below 0 the customer is worse off than at the start, above 1 the goal is
    passed. Without a measurement, or with a target equal to the baseline, there is no value.

    >>> attainment(Decimal(100), Decimal(150), Decimal(200))
    Decimal('0.5')
    >>> attainment(Decimal(10), Decimal(4), Decimal(2))
    Decimal('0.75')
    >>> attainment(Decimal(10), Decimal(12), Decimal(2))
    Decimal('-0.25')
    >>> attainment(Decimal(10), None, Decimal(2)) is None, attainment(Decimal(2), Decimal(2), Decimal(2)) is None
    (True, True)
    """
    if current is None or target == baseline:
        return None
    return (current - baseline) / (target - baseline)


def is_lower_better(baseline: Decimal, target: Decimal) -> bool:
    """Say whether the goal is to bring a figure down.

    >>> is_lower_better(Decimal(10), Decimal(2)), is_lower_better(Decimal(2), Decimal(10))
    (True, False)
    """
    return target < baseline


@dataclass(frozen=True)
class BeforeAfter:
    """One figure before and after going live; None where nobody measured."""

    before: Decimal | None
    before_on: dt.date | None
    after: Decimal | None
    after_on: dt.date | None

    @property
    def change(self) -> Decimal | None:
        """After less before, where both are known."""
        return None if self.before is None or self.after is None else self.after - self.before


def before_after(
    baseline: Decimal, measurements: Iterable[tuple[dt.date, Decimal]], live_on: dt.date | None
) -> BeforeAfter:
    """Pair the last value from before going live (the baseline without one) with the latest since then.

    While the customer is not live, every measurement is from before.

    >>> seen = [(dt.date(2026, 1, 5), Decimal(9)), (dt.date(2026, 3, 1), Decimal(6)), (dt.date(2026, 5, 1), Decimal(4))]
    >>> pair = before_after(Decimal(10), seen, dt.date(2026, 2, 1))
    >>> pair.before, pair.after, pair.change
    (Decimal('9'), Decimal('4'), Decimal('-5'))
    >>> before_after(Decimal(10), [], None).before, before_after(Decimal(10), seen, None).after
    (Decimal('10'), None)
    """
    ordered = sorted(measurements)
    early = [item for item in ordered if live_on is None or item[0] < live_on]
    late = [item for item in ordered if live_on is not None and item[0] >= live_on]
    before_on, before = early[-1] if early else (None, baseline)
    after_on, after = late[-1] if late else (None, None)
    return BeforeAfter(before=before, before_on=before_on, after=after, after_on=after_on)
