"""Where does a number lie between two points?"""


def between(value: float, *, low: float, high: float) -> float:
    """Interpolate in a line from `low` (0) to `high` (100), either direction, cut at both ends.

    >>> between(15, low=10, high=20), between(15, low=20, high=10), between(99, low=10, high=20)
    (50.0, 50.0, 100.0)
    """
    share = (value - low) / (high - low)
    return 100.0 * min(max(share, 0.0), 1.0)
