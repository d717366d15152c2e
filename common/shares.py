"""How is a whole divided so that the parts add up to it exactly?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


def split(amount: Decimal, weights: Sequence[Decimal | int], places: int = 2) -> list[Decimal]:
    """Divide an amount by weights; the parts add up to it exactly.

    Each part is its exact share cut to the last decimal; the units left over go, one each, to the largest remainders,
    the earlier part first. So no part is a full unit away from its exact share.

    >>> split(Decimal("100.00"), [1, 1, 1])
    [Decimal('33.34'), Decimal('33.33'), Decimal('33.33')]
    >>> split(Decimal("-0.05"), [1, 1])
    [Decimal('-0.03'), Decimal('-0.02')]
    """
    unit = Decimal(1).scaleb(-places)
    if amount != amount.quantize(unit):
        raise ValueError(f"{amount} has more than {places} decimals")
    if any(weight < 0 for weight in weights) or not any(weights):
        raise ValueError("weights must not be negative, and one of them must be above 0")
    shares = _whole(weights)
    units = int(abs(amount).scaleb(places))
    total = sum(shares)
    parts = [units * share // total for share in shares]
    remainders = [units * share % total for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda index: (-remainders[index], index))
    for index in by_remainder[: units - sum(parts)]:
        parts[index] += 1
    sign = -1 if amount < 0 else 1
    return [sign * part * unit for part in parts]


def _whole(weights: Sequence[Decimal | int]) -> list[int]:
    """Scale weights to whole numbers of the same proportions."""
    decimals = [Decimal(weight) for weight in weights]
    shift = max(0, *(-int(weight.as_tuple().exponent) for weight in decimals))
    return [int(weight.scaleb(shift)) for weight in decimals]
