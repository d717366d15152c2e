"""Where does each mark of a chart stand? Pure geometry; templates/components/charts.html draws it."""

from common.charts.bars import bars, strip, waterfall
from common.charts.comparison import Group, Series, Spot, comparison, lines, quadrant
from common.charts.marks import Chart, Event, Figures, Item, Mark, Part, Zone, value_range, zone_of
from common.charts.series import line, sparkline, step_chart
from common.charts.tables import Cell, drivers, heat_map

__all__ = [
    "Cell",
    "Chart",
    "Event",
    "Figures",
    "Group",
    "Item",
    "Mark",
    "Part",
    "Series",
    "Spot",
    "Zone",
    "bars",
    "comparison",
    "drivers",
    "heat_map",
    "line",
    "lines",
    "quadrant",
    "sparkline",
    "step_chart",
    "strip",
    "value_range",
    "waterfall",
    "zone_of",
]
