"""Does every chart stay inside its frame, whatever the series: flat, one point, empty, with gaps?"""

import itertools
import math
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common import charts
from common.charts import marks

VALUE = st.one_of(st.none(), st.just(float("nan")), st.floats(-1e9, 1e9))
SERIES = st.lists(VALUE, max_size=30)
ZONES = [charts.Zone(0, 50, "risk"), charts.Zone(50, 75, "watch"), charts.Zone(75, 100, "healthy")]
HEADS = ("When", "What")


def numbers_of(thing: Any) -> list[float]:
    """Collect every number of a drawing."""
    if isinstance(thing, bool | str) or thing is None:
        return []
    if isinstance(thing, int | float):
        return [float(thing)]
    if isinstance(thing, tuple | list):
        return [number for item in thing for number in numbers_of(item)]
    if is_dataclass(thing):
        return [
            number
            for item in fields(thing)
            if item.name not in ("stories", "rows", "figures")
            for number in numbers_of(getattr(thing, item.name))
        ]
    return []


def assert_is_inside(chart: charts.Chart) -> None:
    assert all(math.isfinite(number) for number in numbers_of(chart))
    for path in (*chart.paths, *chart.areas):
        assert "nan" not in path
        assert "inf" not in path
    for mark in (*chart.zones, *chart.marks, *chart.dots, *chart.events, *chart.grid):
        assert -0.01 <= mark.x <= 100.01
        assert mark.x + mark.width <= 100.05
        assert mark.height >= 0
        assert mark.width >= 0


@given(SERIES)
def test_a_small_line_is_finite_and_inside(values: list[float | None]) -> None:
    chart = charts.sparkline(values, ZONES, floor=None, ceiling=None)

    assert all(math.isfinite(number) for number in numbers_of(chart))
    assert chart.is_empty == (not marks.present(values))
    assert all(0 <= dot.x <= 96 and 0 <= dot.y <= 24 for dot in chart.dots)


@given(SERIES)
@example([5e-324])
@example([0.0, 1e-310])
def test_lines_and_steps_are_finite_and_inside(values: list[float | None]) -> None:
    labels = [str(index) for index in range(len(values))]
    events = [charts.Event(0, "first"), charts.Event(len(values) - 1, "last"), charts.Event(99, "beyond")]
    for chart in (
        charts.line(labels, values, zones=ZONES, events=events, heads=HEADS),
        charts.line(labels, values, heads=HEADS, floor=None, ceiling=None),
        charts.step_chart(labels, values, events=events, heads=HEADS),
    ):
        assert_is_inside(chart)
        assert chart.figures is not None
        assert len(chart.figures.rows) == len(values)


@given(st.lists(st.tuples(VALUE, st.lists(st.floats(0, 1e9), max_size=4)), max_size=14))
def test_bars_bridges_and_drivers_are_finite_and_inside(series: list[tuple[float | None, list[float]]]) -> None:
    items = [
        charts.Item(f"item {index}", value, parts=tuple(charts.Part(part, "info") for part in parts))
        for index, (value, parts) in enumerate(series)
    ]
    assert_is_inside(charts.bars(items, heads=HEADS))
    assert_is_inside(charts.waterfall(items, heads=HEADS))
    for _item, mark, text in charts.drivers(items, heads=HEADS).rows:
        assert text
        assert mark is None or (mark.x >= 0 and mark.x + mark.width <= 100.01)


@given(st.lists(SERIES, max_size=5), st.one_of(st.none(), st.floats(-1e6, 1e6)))
def test_lines_beside_each_other_are_finite_and_their_names_apart(many, reference: float | None) -> None:
    count = min((len(values) for values in many), default=0)
    series = [charts.Series(str(index), values[:count]) for index, values in enumerate(many)]
    chart = charts.lines([str(index) for index in range(count)], series, heads=HEADS, reference=reference)

    assert_is_inside(chart)
    assert len(chart.rows) == min(len(many), 4)
    ends = sorted(line.end.y for line in chart.rows if line.end)
    assert all(below - above >= 15.9 for above, below in itertools.pairwise(ends))


@given(st.lists(st.tuples(VALUE, VALUE, VALUE), max_size=8))
def test_groups_and_spots_are_finite_and_inside(values) -> None:
    groups = [charts.Group(str(index), *three) for index, three in enumerate(values)]
    spots = [charts.Spot(str(index), *three[:2]) for index, three in enumerate(values)]
    field = charts.quadrant(spots, x_line=0.9, y_line=1.2, heads=HEADS)

    assert_is_inside(field)
    assert all(0 <= mark.y <= field.height for mark in field.marks)
    for row in charts.comparison(groups, heads=HEADS).rows:
        assert all(place is None or 0 <= place <= 100.01 for place in row[1:4])


def test_a_name_in_a_field_covers_no_mark_and_no_other_name() -> None:
    crowd = [charts.Spot(f"Group {n}", 0.9 + n / 1000, 1.1, size=n / 10, text="here") for n in range(4)]
    field = charts.quadrant([*crowd, charts.Spot("Far", 0.2, 0.5)], x_line=0.9, y_line=1.2, heads=HEADS)

    assert [mark.text for mark in field.marks].count("") >= 2
    assert field.marks[-1].text == "Far"
    assert [mark.label for mark in field.marks[:2]] == ["Group 0: here", "Group 1: here"]


def test_a_group_below_its_target_is_a_risk() -> None:
    groups = [charts.Group("below", 0.5, target=0.8), charts.Group("at", 0.8, target=0.8), charts.Group("free", 0.1)]

    assert [row[4] for row in charts.comparison(groups, heads=HEADS).rows] == ["risk", "healthy", "info"]


@given(st.lists(st.floats(0, 1e9), max_size=8))
def test_the_parts_of_a_strip_fill_it_and_can_be_clicked(values: list[float]) -> None:
    chart = charts.strip([charts.Part(value, "none", str(value)) for value in values], heads=HEADS)

    widths = [mark.width for mark in chart.marks]
    assert len(chart.rows) == len(values)
    assert not widths or math.isclose(sum(widths), 100, abs_tol=0.1)
    assert all(width >= 2.9 for width in widths)


@given(st.lists(st.lists(VALUE, min_size=3, max_size=3), max_size=5))
def test_a_heat_map_has_ten_shades(values: list[list[float | None]]) -> None:
    labels = [str(index) for index in range(len(values))]
    chart = charts.heat_map(labels, ["a", "b", "c"], values, corner="start", sizes=[5] * len(values))

    for _label, _size, cells in chart.rows:
        assert all(cell.step is None or 0 <= cell.step <= 9 for cell in cells)


@given(SERIES, st.sampled_from([(0, 100), (None, None)]))
def test_a_scale_never_makes_noise_look_like_news(values: list[float | None], edges: tuple[Any, Any]) -> None:
    low, high = charts.value_range(values, floor=edges[0], ceiling=edges[1])

    assert high - low >= 2 * marks.LEAST_SPAN - 1e-6 or low == edges[0]
    assert high > low


def test_a_gap_stays_a_gap() -> None:
    chart = charts.line(["a", "b", "c", "d"], [10, 20, None, 40], heads=HEADS)

    assert len(chart.paths) == 1
    assert len(chart.dots) == 1
    assert chart.figures is not None
    assert chart.figures.rows[2] == ("c", "–")


def test_an_edge_belongs_to_the_zone_above() -> None:
    assert [charts.zone_of(value, ZONES) for value in (49.9, 50, 75, 100)] == ["risk", "watch", "healthy", "healthy"]


def test_a_bridge_starts_where_the_last_step_ended() -> None:
    items = [
        charts.Item("Opening", 100, kind="level"),
        charts.Item("Won", 50),
        charts.Item("Lost", -30),
        charts.Item("Closing", 120, kind="level"),
    ]
    opening, won, lost, closing = charts.waterfall(items, heads=HEADS).marks

    assert math.isclose(won.y + won.height, opening.y)
    assert math.isclose(lost.y, won.y)
    assert math.isclose(lost.y + lost.height, closing.y)
    assert [mark.tone for mark in (opening, won, lost, closing)] == ["level", "healthy", "risk", "level"]


def test_events_beside_each_other_do_not_cover_each_other() -> None:
    labels = [str(index) for index in range(26)]
    chart = charts.line(labels, list(range(26)), events=[charts.Event(9, "one"), charts.Event(10, "two")], heads=HEADS)

    first, second = chart.events
    assert second.y - first.y >= 16


@pytest.mark.parametrize(("low", "high"), [(0, 0), (5, 5), (0, 1e-9), (-1e9, 1e9), (0, float("inf"))])
def test_ticks_are_few_and_round(low: float, high: float) -> None:
    ticks = marks.round_ticks(low, high)

    assert 1 <= len(ticks) <= 12
