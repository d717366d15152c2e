"""Where does a measured value stand between the point where a score is 0 and the one where it is 100?"""

from __future__ import annotations

# Room left of the worse point and right of the better one, in per cent of the line.
MARGIN = 18.0


def place_on_scale(value: float, red: float, green: float) -> float:
    """Place a value on a line of 100 whose worse point lies at 18 and whose better one at 82.

    What is beyond both points stays on the line.

    >>> place_on_scale(0.35, 0.1, 0.6), place_on_scale(10, 10, 2), place_on_scale(99, 0, 1)
    (50.0, 18.0, 98.0)
    """
    share = (value - red) / (green - red)
    return round(min(max(MARGIN + share * (100 - 2 * MARGIN), 2.0), 98.0), 2)
