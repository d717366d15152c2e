"""What are the figures and signs called, of which a risk is made?"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from health.models import FigureName, RuleName, WarningRule
from usage.models import Metric


def figure_names(keys: Iterable[str]) -> dict[str, str]:
    """The words for figures and signs, by key; the metrics and own rules among them take one query each."""
    wanted = set(keys)
    metrics = {key.removeprefix("reading:").rpartition(":")[0] for key in wanted if key.startswith("reading:")}
    names = dict(Metric.objects.filter(external_id__in=metrics).values_list("external_id", "name")) if metrics else {}
    said = {key: _shipped(key) or _of_reading(key, names) for key in wanted}
    unknown = [key for key, name in said.items() if not name]
    own = dict(WarningRule.objects.filter(key__in=unknown).values_list("key", "name")) if unknown else {}
    return {key: name or own.get(key, key) for key, name in said.items()}


def _shipped(key: str) -> str:
    if key in FigureName.values:
        return str(FigureName(key).label)
    return str(RuleName(key).label) if key in RuleName.values else ""


def _of_reading(key: str, metrics: dict[str, str]) -> str:
    kind, _sep, rest = key.partition(":")
    metric, _sep, what = rest.rpartition(":")
    if kind != "reading":
        return ""
    words = {"metric": metrics.get(metric, metric)}
    said = {
        "level": _("%(metric)s in the last month"),
        "quarter": _("%(metric)s in the last quarter"),
        "trend": _("%(metric)s against the quarter before"),
        "own": _("%(metric)s against its own history"),
    }
    return said.get(what, "%(metric)s") % words
