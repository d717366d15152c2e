"""What are the measures called, and how does an indicator read in words?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from accounts.models import Contact, CustomField, TimelineEntry
from health.queries.editor import named_choices
from health.queries.scores import indicator_name
from health.rules.conditions import CUSTOM, NUMBER_FIELDS, TAG, TEXT_FIELDS
from health.rules.formulas import CHANGE, DIFFERENCE, FORMULA, RATIO, USUAL, VALUE, Formula, Term, parse_formula
from health.rules.scorecard import Indicator
from health.rules.vocabulary import FIXED, NAMED
from usage.models import Feature, SurveyAnswer, Ticket

THEME_NAMES: dict[str, Promise] = {
    "usage": _lazy("Use of the product"),
    "readings": _lazy("Readings"),
    "tickets": _lazy("Tickets"),
    "surveys": _lazy("Survey answers"),
    "contract": _lazy("Contract and renewal"),
    "people": _lazy("Contacts and touches"),
    "outcomes": _lazy("Milestones, goals, connections"),
    "fields": _lazy("Own fields"),
}
WHAT_NAMES: dict[str, Promise] = {
    "events": _lazy("Product events"),
    "active_days": _lazy("Active days"),
    "active_users": _lazy("Active users"),
    "features_used": _lazy("Features used"),
    "modules_used": _lazy("Modules used"),
    "days_since_use": _lazy("Days since the last use"),
    "reading": _lazy("Reading of a metric"),
    "days_since_reading": _lazy("Days since the last reading"),
    "tickets_opened": _lazy("Tickets opened"),
    "tickets_open": _lazy("Tickets open"),
    "tickets_in_time": _lazy("Share of tickets resolved in time"),
    "ticket_satisfaction": _lazy("Satisfaction with tickets"),
    "survey": _lazy("Answers to a survey"),
    "days_since_answer": _lazy("Days since the last answer"),
    "seats": _lazy("Seats paid for"),
    "arr": _lazy("ARR"),
    "tenure": _lazy("Days since signing"),
    "days_to_renewal": _lazy("Days to the renewal"),
    "renewal_stage": _lazy("Progress of the renewal talks"),
    "contacts": _lazy("Contacts"),
    "sentiment": _lazy("Sentiment of the contacts"),
    "touches": _lazy("Touches"),
    "days_since_touch": _lazy("Days since the last touch"),
    "milestones": _lazy("Milestones reached so far"),
    "goals": _lazy("Attainment of the goals"),
    "integrations": _lazy("Systems connected"),
    "attendances": _lazy("Events and sessions attended"),
    "field": _lazy("Number in an own field"),
    "days_since_field": _lazy("Days since the date in an own field"),
}
# What a value means, where the name alone does not say it.
WHAT_HELP: dict[str, Promise] = {
    "tickets_in_time": _lazy("From 0 (none) to 1 (all)."),
    "ticket_satisfaction": _lazy("From 1 to 5."),
    "renewal_stage": _lazy("From 0 (not started) to 1 (won)."),
    "sentiment": _lazy("From −1 (negative) to 1 (positive)."),
    "goals": _lazy("From 0 (nothing moved) to 1 (all reached)."),
    "days_to_renewal": _lazy("Of the next renewal, or else to the end of the contract."),
    "field": _lazy("Yes counts as 1, no as 0."),
    "days_since_field": _lazy("Below 0 while the date lies ahead."),
}
HOW_NAMES: dict[str, Promise] = {
    "latest": _lazy("The latest"),
    "mean": _lazy("Their mean"),
    "sum": _lazy("Their sum"),
    "count": _lazy("How many there are"),
    "nps": _lazy("Net promoter score"),
}
AS_NAMES: dict[str, Promise] = {
    VALUE: _lazy("As it is"),
    CHANGE: _lazy("Change against the window before"),
    USUAL: _lazy("Distance from its own usual"),
    RATIO: _lazy("Divided by another measure"),
    DIFFERENCE: _lazy("Less another measure"),
}
AS_HELP: dict[str, Promise] = {
    CHANGE: _lazy("−0.3 means 30 per cent less than in the window before, 0.3 means 30 per cent more."),
    USUAL: _lazy("Against the mean of the windows before: −0.3 means 30 % below the usual."),
}
FILTER_NAMES: dict[str, Promise] = {
    "feature": _lazy("Feature"),
    "module": _lazy("Module"),
    "kind": _lazy("Kind of feature"),
    "metric": _lazy("Metric"),
    "severity": _lazy("Severity"),
    "complaint": _lazy("Complaint"),
    "escalated": _lazy("Escalated"),
    "survey": _lazy("Survey"),
    "role": _lazy("Role"),
    "sentiment": _lazy("Sentiment"),
    "touch": _lazy("Kind of touch"),
    "milestone": _lazy("Milestone"),
    "field": _lazy("Own field"),
}
YES_NO = {"yes": _lazy("Yes"), "no": _lazy("No")}
FIXED_NAMES: dict[str, Mapping[Any, Any]] = {
    "kind": dict(Feature.Kind.choices),
    "severity": dict(Ticket.Severity.choices),
    "complaint": YES_NO,
    "escalated": YES_NO,
    "survey": dict(SurveyAnswer.Kind.choices),
    "role": dict(Contact.Role.choices),
    "sentiment": dict(Contact.Sentiment.choices),
    "touch": {kind.value: kind.label for kind in TimelineEntry.TOUCHES},
}
SHIPPED_HELP: dict[str, Promise] = {
    "login_frequency": _lazy("Share of the days of the window with any use, from 0 to 1."),
    "feature_coverage": _lazy("Features used / features in the contract, from 0 to 1."),
    "core_intensity": _lazy("Events of core features per active user and day."),
    "advanced_penetration": _lazy("Share of active users who use an advanced feature, from 0 to 1."),
    "milestone_rate": _lazy("Milestones reached / milestones due by now, from 0 to 1."),
    "scenario_coverage": _lazy("Business scenarios in use / in the contract, from 0 to 1."),
    "nps": _lazy("Net promoter score of the latest answers, from −100 to 100."),
    "issue_resolution": _lazy("Tickets resolved in time / tickets due, from 0 to 1."),
    "renewal_progress": _lazy("Talks against the days left: 1 where nothing is behind."),
    "expansion_density": _lazy("Expansions per year."),
}


FIELD_NAMES: dict[str, Promise] = {
    "tier": _lazy("Size of customer"),
    "purchase_level": _lazy("Purchase level"),
    "stage": _lazy("Stage"),
    "industry": _lazy("Industry"),
    "region": _lazy("Region"),
    "currency": _lazy("Currency"),
    "name": _lazy("Name"),
    "external_id": _lazy("External id"),
    "domain": _lazy("Domain"),
    "employees": _lazy("Employees"),
    "days_since_signing": _lazy("Days since signing"),
    "tag": _lazy("Tag"),
}
OPERATOR_NAMES: dict[str, Promise] = {
    "is": _lazy("is"),
    "is_not": _lazy("is not"),
    "in": _lazy("is one of"),
    "not_in": _lazy("is none of"),
    "at_least": _lazy("is at least"),
    "at_most": _lazy("is at most"),
    "is_set": _lazy("is filled in"),
    "is_not_set": _lazy("is empty"),
}


def field_choices() -> list[tuple[str, str]]:
    """The fields of an account that a condition can ask for."""
    own = CustomField.objects.order_by("label").values_list("key", "label")
    shipped = [(name, str(FIELD_NAMES[name])) for name in (*TEXT_FIELDS, *NUMBER_FIELDS, TAG)]
    return [*shipped, *((f"{CUSTOM}{key}", label) for key, label in own)]


def choices_of(name: str) -> list[tuple[str, str]]:
    """What a filter can be set to, in words."""
    if name in NAMED:
        return named_choices(name)
    return [(value, str(FIXED_NAMES[name][value])) for value in FIXED[name]]


def words_of_term(term: Term) -> str:
    """Say what is measured: “Product events, Core, in 30 days”."""
    parts = [str(WHAT_NAMES[term.what])]
    if len(term.kind.hows) > 1:
        parts.append(str(HOW_NAMES[term.how]).lower())
    parts += [_value_in_words(name, value) for name, value in term.where]
    if term.kind.has_window:
        parts.append(ngettext("in %(days)s day", "in %(days)s days", term.days) % {"days": term.days})
    return ", ".join(parts)


def _value_in_words(name: str, value: str) -> str:
    if name in NAMED:
        return f"“{value}”"
    said = str(FIXED_NAMES[name][value])
    return f"{FILTER_NAMES[name]}: {said}" if name in ("complaint", "escalated") else said


def words_of_formula(formula: Formula) -> str:
    """Say what a formula works out."""
    said = {"of": words_of_term(formula.of), "other": words_of_term(formula.over) if formula.over else ""}
    if formula.how == CHANGE:
        days = {"days": formula.of.days, **said}
        return ngettext(
            "%(of)s: change against %(days)s day before", "%(of)s: change against %(days)s days before",
            formula.of.days,
        ) % days  # fmt: skip
    if formula.how == USUAL:
        return _("%(of)s: against the usual") % said
    if formula.how == RATIO:
        return _("%(of)s / %(other)s") % said
    if formula.how == DIFFERENCE:
        return _("%(of)s less %(other)s") % said
    return said["of"]


def words_of_indicator(indicator: Indicator) -> str:
    """Say what an indicator measures, over which window."""
    if indicator.source == FORMULA:
        return words_of_formula(parse_formula(dict(indicator.params), indicator.days))
    name = indicator_name(Indicator(indicator.source, "", indicator.source, 0, indicator.scale, indicator.days))
    if indicator.source not in SHIPPED_HELP:
        return name or indicator.source
    window = ngettext("Window: %(days)s day.", "Window: %(days)s days.", indicator.days) % {"days": indicator.days}
    return f"{SHIPPED_HELP[indicator.source]} {window}"
