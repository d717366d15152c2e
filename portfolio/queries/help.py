"""What does a figure mean, and by which rule of the code is it worked out?"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType

from django.apps import apps
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The same file in each language: the same rules in the same order, as a test says.
FORMULAS = {"en": "docs/formulas.md", "zh-hans": "docs/formulas.zh-hans.md"}
NAMES = re.compile(r"`([A-Za-z_][\w.]*)`")


@dataclass(frozen=True)
class Definition:
    """One figure or word: its anchor, what it is called, what it means, and the rules that work it out."""

    key: str
    term: str | Promise
    text: str | Promise
    rules: tuple[str, ...] = ()


DEFINITIONS = (
    Definition(
        "health", _("Health score"),
        _("0 to 100, from the indicators of the scorecard that applies: each is scored between its red and its green "
          "point and counts with its weight. What could not be measured is left out, never 0."),
        ("score_columns", "interpolate"),
    ),
    Definition(
        "band", _("Healthy, Watch, At risk"),
        _("Healthy from 75 points, Watch from 50, At risk below, unless the scorecard says otherwise. A band changes "
          "only 3 points past its edge or at the second reading in a row, so that it does not flap."),
        ("settle_bands",),
    ),
    Definition(
        "coverage", _("Measured (coverage)"),
        _("The share of a score’s weight that was really measured. Below 60 % there is no score."), ("score_columns",),
    ),
    Definition(
        "moved", _("What moved the score"),
        _("The change of a score split into its indicators, exactly, with a line of its own for a changed scorecard."),
        ("what_moved",),
    ),
    Definition(
        "trend", _("Trend"), _("Points a week, by least squares over the scores of 4 and 13 weeks."), ("trend_slope",),
    ),
    Definition(
        "churn_risk", _("Risk of leaving"),
        _("How likely a customer is to leave within 90 days and within a year: by published figures, or by a model of "
          "your own history once that is better on time held out."),
        ("prior_risk", "is_better"),
    ),
    Definition(
        "arr", _("ARR"),
        _("What an account pays in a year: the sum of its contract lines that have begun and not ended, in the "
          "reporting currency."),
        ("worth_by_account",),
    ),
    Definition(
        "nrr", _("Net revenue retention (NRR)"),
        _("What the customers of the opening pay at the close / what they paid at the opening. Expansion counts, new "
          "customers do not. Above 100 % the book grows by itself."),
        ("retention", "rates_of"),
    ),
    Definition(
        "grr_revenue", _("Gross revenue retention (GRR)"),
        _("As NRR, with no customer counted for more than it paid at the opening: what was kept, without expansion."),
        ("retention", "rates_of"),
    ),
    Definition(
        "grr_logo", _("Logo retention"), _("Customers of the opening that are still there / customers of the opening."),
        ("rates_of",),
    ),
    Definition(
        "churn", _("Churn"),
        _("Customers or ARR of the opening that were lost. A year’s churn from its months is 1 − Π(1 − m): 5 % a month "
          "is 46 % a year."),
        ("annual_churn",),
    ),
    Definition(
        "quick_ratio", _("Quick ratio"), _("(New + expansion + reactivation) / (contraction + churn)."), ("rates_of",)
    ),
    Definition(
        "movements", _("Movements"),
        _("New, expansion, contraction, churn, reactivation: derived from the contract lines, netted per account and "
          "day, never typed in. Opening + movements = closing, exactly."),
        ("movements_of", "ledgers"),
    ),
    Definition(
        "masking", _("Masking"),
        _("The overall rate looks healthy while a segment lies well below its own benchmark."), ("masking",),
    ),
    Definition(
        "reversal", _("Reversal (Simpson’s paradox)"),
        _("The overall rate moved one way and every segment’s the other: the mix of customers changed."),
        ("reversal", "mix_and_rate"),
    ),
    Definition(
        "renewal_rate", _("Renewal rate"),
        _("What was renewed / what was due, by count and by ARR. A late renewal counts in the period in which it was "
          "due."),
        ("share_right",),
    ),
    Definition(
        "forecast", _("Forecast"),
        _("Low: won and committed. Likely: as called, by the final call, else the CSM’s, else the rule’s. High: all "
          "that is not lost."),
        ("forecast_range", "computed_call"),
    ),
    Definition(
        "arr_at_risk", _("ARR at risk"),
        _("What the open risks put at risk; of one account together never more than it pays."), ("at_risk",),
    ),
    Definition(
        "warning", _("Early warning"),
        _("A rule that found something in an account, with its numbers. It closes by itself when its cause is gone."),
        ("is_warned", "settle_warning"),
    ),
    Definition(
        "usage_rate", _("Usage rate"),
        _("Entitled accounts that used a feature within 30 days / entitled accounts."), ("rate",),
    ),
    Definition(
        "active", _("Weekly and monthly active"),
        _("Accounts and people with use in the last 7 and 30 days."), ("growth",),
    ),
    Definition(
        "nps", _("NPS"),
        _("(Promoters 9–10 − detractors 0–6) / answers × 100, over the latest answer of each contact in 180 days."),
        ("net_promoter_score",),
    ),
    Definition(
        "attainment", _("Goal reached"),
        _("(Current − baseline) / (target − baseline); it holds for goals where lower is better, too."),
        ("attainment",),
    ),
    Definition(
        "pipeline", _("Weighted pipeline"), _("Expected ARR × how likely the stage is to be won."), ("weighted_arr",)
    ),
    Definition(
        "priority", _("Do these first"),
        _("ARR × rough chance of loss × how near the end of the contract is. It orders the morning and predicts "
          "nothing."),
        ("attention", "rule_of"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One function of the rules: where it lies, and what its docstring says with its example."""

    name: str
    module: str
    doc: str


@dataclass(frozen=True)
class Line:
    """One line of the formulas: the rules that it names, and what it says of them."""

    rules: Sequence[str]
    text: str
    code: Sequence[Rule]
    # The names that this line is the first to have: the places to which links lead.
    anchors: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """One part of the formulas."""

    title: str
    anchor: str
    about: Sequence[str] = field(default_factory=list)
    lines: Sequence[Line] = field(default_factory=list)


@cache
def rules() -> dict[str, Rule]:
    """Every public function of the apps' rules, by its name, read from the code that runs."""
    found: dict[str, Rule] = {}
    for module in _rule_modules():
        for name, one in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("_") and one.__module__ == module.__name__:
                found.setdefault(name, Rule(name, module.__name__, inspect.getdoc(one) or ""))
    return found


def _rule_modules() -> Iterator[ModuleType]:
    for app in apps.get_app_configs():
        if Path(app.path).parent != settings.BASE_DIR or not _has_rules(Path(app.path)):
            continue
        top = importlib.import_module(f"{app.name}.rules")
        yield top
        for one in pkgutil.walk_packages(getattr(top, "__path__", []), f"{app.name}.rules."):
            yield importlib.import_module(one.name)


def _has_rules(folder: Path) -> bool:
    return (folder / "rules.py").exists() or (folder / "rules").is_dir()


@cache
def formulas(language: str = "en") -> tuple[Section, ...]:
    """The file of formulas, part by part, each line beside the code that it describes; none where it is missing."""
    file = settings.BASE_DIR / FORMULAS[language]
    if not file.exists():
        return ()
    sections, known = [], rules()
    seen: set[str] = set()
    for part in file.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _sign, body = part.partition("\n")
        lines = []
        for row in re.findall(r"^\| (.+?) \| (.+) \|$", body, re.MULTILINE):
            names = NAMES.findall(row[0])
            if names:
                code = [known[name] for name in names if name in known]
                lines.append(Line(names, row[1].replace("`", ""), code, [name for name in names if name not in seen]))
                seen.update(names)
        prose = [line for line in body.splitlines() if line and not line.startswith("|")]
        sections.append(Section(title, f"part-{len(sections) + 1}", _paragraphs(prose), lines))
    return tuple(sections)


def spoken(language: str | None) -> str:
    """The language in which the formulas are read by who speaks one: English where there is no file of their own."""
    return language if language in FORMULAS else "en"


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """Join broken lines; what begins with a dash is a paragraph of its own."""
    found: list[str] = []
    for line in lines:
        text = line.removeprefix("- ").strip().replace("**", "").replace("`", "")
        if found and not line.startswith("- "):
            found[-1] += f" {text}"
        else:
            found.append(text)
    return found


KEYS = (
    (_("Everywhere"), (
        (("Ctrl", "K"), _("Search and jump to; > for acts alone")),
        (("G", "T"), _("Go to Today")), (("G", "A"), _("Go to Accounts")), (("G", "P"), _("Go to Playbooks")),
        (("G", "R"), _("Go to Revenue")), (("G", "V"), _("Go to Advocacy")), (("G", "O"), _("Go to Roadmap")),
        (("G", "S"), _("Go to Settings")), (("N",), _("Log a touch")), (("Z",), _("Undo the last act")),
        (("?",), _("These keys")),
    )),
    (_("In a list"), (
        (("/",), _("Filter")), (("J",), _("Next row")), (("K",), _("Row before")), (("X",), _("Select the row")),
        (("E",), _("Edit the cell or the account")), (("Enter",), _("Open the row")),
    )),
    (_("In search, sheets and cells"), (
        (("↑", "↓"), _("Move through the answers")), (("Enter",), _("Open the chosen answer; save the cell")),
        (("Esc",), _("Close, or restore the cell")),
    )),
)  # fmt: skip
