"""How is the use of a feature counted: who uses it, who stopped, who came back, and does it go with renewal?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]

WEEK_DAYS, MONTH_DAYS = 7, 30
# The 95 % interval of the normal distribution.
Z = 1.959964


@dataclass(frozen=True, slots=True)
class Span:
    """Which accounts used something in a window, in the one before, and ever before both."""

    now: Flags
    before: Flags
    earlier: Flags

    @property
    def lost(self) -> Flags:
        """Used in the window before, and no more.

        >>> yes, no = np.array([True]), np.array([False])
        >>> Span(no, yes, no).lost.tolist(), Span(yes, yes, no).lost.tolist()
        ([True], [False])
        """
        return self.before & ~self.now

    @property
    def won_back(self) -> Flags:
        """Used again after a whole window without; a first use is no return.

        >>> yes, no = np.array([True]), np.array([False])
        >>> Span(yes, no, yes).won_back.tolist(), Span(yes, no, no).won_back.tolist()
        ([True], [False])
        """
        return self.now & ~self.before & self.earlier


def growth(now: int, before: int) -> float | None:
    """The change against the window before as a share of it; no value where that was empty.

    >>> growth(12, 10), growth(5, 0) is None, growth(0, 4)
    (0.2, True, -1.0)
    """
    return round(now / before - 1, 6) if before else None


def rate(part: int, whole: int) -> float | None:
    """A share; nothing to divide by is no value.

    >>> rate(3, 4), rate(0, 0) is None
    (0.75, True)
    """
    return part / whole if whole else None


def wilson_interval(hits: int, total: int) -> tuple[float, float] | None:
    """The 95 % interval of a share by Wilson's score, which also holds for few cases; None without any.

    >>> [round(edge, 3) for edge in wilson_interval(8, 10)]
    [0.49, 0.943]
    >>> wilson_interval(0, 0) is None
    True
    """
    if not total:
        return None
    share, square = hits / total, Z * Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = Z / (1 + square / total) * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    return max(middle - half, 0.0), min(middle + half, 1.0)
