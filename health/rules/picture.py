"""How is it drawn how a value becomes a score?"""

from __future__ import annotations

from dataclasses import dataclass

from health.rules.scorecard import Line, Steps

# The picture is so many units wide and high; a fifth is left free at both ends.
WIDTH, HEIGHT = 1000.0, 120.0
FREE = 0.2


@dataclass(frozen=True, slots=True)
class Place:
    """A value that is marked below the picture: where it stands across, in per cent."""

    x: float
    value: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A path from left to right, the bands behind it (tone, top, height), and the values that are marked."""

    path: str
    zones: tuple[tuple[str, float, float], ...]
    places: tuple[Place, ...]


def draw_scale(scale: Line | Steps, yellow: float, green: float) -> Picture:
    """Draw a scale over the span of its own points, with the bands behind it.

    >>> picture = draw_scale(Line(0, 10), 50, 75)
    >>> picture.path
    'M0 120 L200 120 L800 0 L1000 0'
    >>> [(place.x, place.value) for place in picture.places]
    [(20.0, 0), (80.0, 10)]
    >>> draw_scale(Steps((1, 2), (0, 100)), 50, 75).path
    'M0 120 H200 V120 H800 V0 H1000'
    """
    values = sorted((scale.red, scale.green)) if isinstance(scale, Line) else list(scale.froms)
    low, span = values[0], (values[-1] - values[0]) or 1.0
    across = [FREE + (1 - 2 * FREE) * (value - low) / span for value in values]
    places = tuple(Place(round(100 * x, 1), value) for x, value in zip(across, values, strict=True))
    xs = [round(WIDTH * x, 1) for x in across]
    if isinstance(scale, Line):
        first, last = (HEIGHT, 0.0) if scale.red < scale.green else (0.0, HEIGHT)
        path = f"M0 {first:g} L{xs[0]:g} {first:g} L{xs[1]:g} {last:g} L{WIDTH:g} {last:g}"
    else:
        ys = [_down(score) for score in scale.scores]
        steps = " ".join(f"H{x:g} V{y:g}" for x, y in zip(xs, ys, strict=True))
        path = f"M0 {ys[0]:g} {steps} H{WIDTH:g}"
    return Picture(path, _zones(yellow, green), places)


def _down(score: float) -> float:
    return round(HEIGHT * (1 - score / 100), 1)


def _zones(yellow: float, green: float) -> tuple[tuple[str, float, float], ...]:
    edges = (("healthy", 0.0, _down(green)), ("watch", _down(green), _down(yellow)), ("risk", _down(yellow), HEIGHT))
    return tuple((tone, top, round(bottom - top, 1)) for tone, top, bottom in edges)
