"""How is what a rule measured said in one short line?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.formats import date, number, signed


class MeasureName(models.TextChoices):
    """What a rule can measure."""

    SILENCE = "silence", gettext_lazy("Days without a login")
    ACTIVE_DAYS = "active_days", gettext_lazy("Days with a login")
    USE_CHANGE = "use_change", gettext_lazy("Change of use, %")
    CORE_CHANGE = "core_change", gettext_lazy("Change of core use, %")
    ONLY_BASIC = "only_basic", gettext_lazy("Uses only basic features (1 = yes)")
    MODULES_USED = "modules_used", gettext_lazy("Modules in use, where more are paid for")
    MODULES_LOST = "modules_lost", gettext_lazy("Modules no longer in use")
    CORE_PROCESS_LATE = "core_process_late", gettext_lazy("Days since signing without the core process")
    MILESTONES_REACHED = "milestones_reached", gettext_lazy("Milestones reached")
    TICKETS = "tickets", gettext_lazy("Tickets and complaints")
    COMPLAINTS = "complaints", gettext_lazy("Complaints")
    OPEN_TICKETS = "open_tickets", gettext_lazy("Tickets open")
    CRITICAL_TICKETS = "critical_tickets", gettext_lazy("Critical tickets open")
    NPS = "nps", gettext_lazy("NPS")
    NPS_CHANGE = "nps_change", gettext_lazy("Change of NPS, points")
    RENEWAL_QUIET = "renewal_quiet", gettext_lazy("Days to the end of contract, no talks begun")
    RENEWAL_TALKS = "renewal_talks", gettext_lazy("Renewal talks (1 = in talks, 2 = committed, 3 = won)")
    EXPANSIONS = "expansions", gettext_lazy("Expansions")
    CONTRACTIONS = "contractions", gettext_lazy("Contractions")
    PEOPLE_LEFT = "people_left", gettext_lazy("Champions and decision makers who left")
    DAYS_SINCE_TOUCH = "days_since_touch", gettext_lazy("Days since the last touch")
    OPEN_GAPS = "open_gaps", gettext_lazy("Open expectation gaps")
    OVERDUE_PROMISES = "overdue_promises", gettext_lazy("Overdue promises")
    HEALTH_SCORE = "health_score", gettext_lazy("Health score")
    HEALTH_BAND = "health_band", gettext_lazy("Health band (0 = at risk, 1 = watch, 2 = healthy)")
    SCORE_CHANGE = "score_change", gettext_lazy("Change of health score, points")


class ComparisonName(models.TextChoices):
    """How a measure is compared with a threshold."""

    AT_LEAST = "at_least", gettext_lazy("at least")
    MORE_THAN = "more_than", gettext_lazy("more than")
    AT_MOST = "at_most", gettext_lazy("at most")
    LESS_THAN = "less_than", gettext_lazy("less than")


Line = Mapping[str, Any]


def sentence(line: Line) -> str:
    """Say what one line of evidence measured; an unknown measure is named with its value.

    >>> sentence({"measure": "core_change", "value": -41, "now": 712, "before": 1204, "days": 30})
    'Core use −41% against the 30 days before (1,204 → 712 events)'
    """
    said = SENTENCES.get(str(line.get("measure")))
    try:
        if said:
            return said(line)
    except (KeyError, ValueError, TypeError):
        pass
    name = str(line.get("measure", ""))
    label = str(MeasureName(name).label) if name in MeasureName.values else name
    return _("%(label)s: %(text)s") % {"label": label, "text": number(line.get("value"), 1).removesuffix(".0")}


def _whole(line: Line, name: str = "value") -> int:
    return round(float(line[name]))


def _day(line: Line, name: str) -> str:
    return date(dt.date.fromisoformat(line[name]))


def _silence(line: Line) -> str:
    count = _whole(line)
    words = ngettext("No login for %(count)s day", "No login for %(count)s days", count) % {"count": number(count)}
    return words + _last_on(line)


def _last_on(line: Line) -> str:
    return _(" (last on %(day)s)") % {"day": _day(line, "last_on")}


def _changed(words: str, line: Line) -> str:
    return words % {
        "change": signed(line["value"]),
        "days": number(line["days"]),
        "before": number(line["before"]),
        "now": number(line["now"]),
    }


def _modules_lost(line: Line) -> str:
    words = _("Modules in use fell from %(before)s to %(now)s in %(days)s days")
    return words % {"before": number(line["before"]), "now": number(line["now"]), "days": number(line["days"])}


def _modules_used(line: Line) -> str:
    words = _("Uses %(used)s of %(entitled)s modules")
    return words % {"used": number(line["value"]), "entitled": number(line["entitled"])}


def _tickets(line: Line) -> str:
    count, complaints = _whole(line), _whole(line, "complaints")
    said = ngettext("%(count)s ticket in %(days)s days", "%(count)s tickets in %(days)s days", count)
    words = said % {"count": number(count), "days": number(line["days"])}
    if not complaints:
        return words
    among = ngettext("%(count)s complaint among them", "%(count)s complaints among them", complaints)
    return f"{words}, {among % {'count': number(complaints)}}"


def _renewal(line: Line) -> str:
    count = _whole(line)
    words = ngettext(
        "Contract ends in %(count)s day (%(day)s), no talks begun",
        "Contract ends in %(count)s days (%(day)s), no talks begun",
        count,
    )
    return words % {"count": number(count), "day": _day(line, "ends_on")}


def _expansions(line: Line) -> str:
    count = _whole(line)
    if not count:
        return _("No expansion in %(days)s days") % {"days": number(line["days"])}
    words = ngettext("%(count)s expansion in %(days)s days", "%(count)s expansions in %(days)s days", count)
    return words % {"count": number(count), "days": number(line["days"])}


def _contractions(line: Line) -> str:
    count = _whole(line)
    words = ngettext(
        "%(count)s contraction in %(days)s days, last on %(day)s",
        "%(count)s contractions in %(days)s days, last on %(day)s",
        count,
    )
    return words % {"count": number(count), "days": number(line["days"]), "day": _day(line, "last_on")}


def _people(line: Line) -> str:
    parts = []
    champions, deciders = _whole(line, "champions"), _whole(line, "decision_makers")
    if champions:
        said = ngettext("%(count)s champion left", "%(count)s champions left", champions)
        parts.append(said % {"count": number(champions)})
    if deciders:
        said = ngettext("%(count)s decision maker left", "%(count)s decision makers left", deciders)
        parts.append(said % {"count": number(deciders)})
    return ", ".join(parts) + _last_on(line)


def _gaps(line: Line) -> str:
    count = _whole(line)
    words = ngettext("%(count)s open expectation gap", "%(count)s open expectation gaps", count)
    since = _("since %(day)s") % {"day": _day(line, "since")}
    return f"{words % {'count': number(count)}}, {since}"


def _core_process(line: Line) -> str:
    count = _whole(line)
    words = ngettext(
        "Core process not configured %(count)s day after signing",
        "Core process not configured %(count)s days after signing",
        count,
    )
    return words % {"count": number(count)}


def _nps_change(line: Line) -> str:
    words = _("NPS %(change)s points in %(days)s days (%(before)s → %(now)s)")
    return words % {
        "change": signed(line["value"]),
        "days": number(line["days"]),
        "before": number(line["before"]),
        "now": number(line["now"]),
    }


def _score_change(line: Line) -> str:
    words = _("Health %(change)s points in %(days)s days (%(before)s → %(now)s)")
    return words % {
        "change": signed(line["value"], 1),
        "days": number(line["days"]),
        "before": number(line["before"], 1),
        "now": number(line["now"], 1),
    }


SENTENCES: dict[str, Callable[[Line], str]] = {
    "silence": _silence,
    "use_change": lambda line: _changed(
        _("Use %(change)s%% against the %(days)s days before (%(before)s → %(now)s events)"), line
    ),
    "core_change": lambda line: _changed(
        _("Core use %(change)s%% against the %(days)s days before (%(before)s → %(now)s events)"), line
    ),
    "only_basic": lambda line: _("Uses only basic features"),
    "modules_used": _modules_used,
    "modules_lost": _modules_lost,
    "core_process_late": _core_process,
    "tickets": _tickets,
    "renewal_quiet": _renewal,
    "expansions": _expansions,
    "contractions": _contractions,
    "people_left": _people,
    "open_gaps": _gaps,
    "nps_change": _nps_change,
    "score_change": _score_change,
}
