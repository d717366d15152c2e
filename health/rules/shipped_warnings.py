"""Of what do the rules warn that come with Mainstay, and why with these settings?

The twelve rules and their published effects are those of the product's definitions. Severity: high where practice
speaks of a customer about to leave, low where a warning is a reason to look rather than to act. A drop needs some use
before it (10 core events in the window), so that three events less are not a fall of 30%. Breadth of use is judged
from 30 days after signing, when there has been time to begin. An end of contract counts from 90 days before it.
"""

from __future__ import annotations

from typing import Any


def _test(measure: str, comparison: str, threshold: float, **more: Any) -> dict[str, Any]:
    return {"measure": measure, "comparison": comparison, "threshold": threshold, **more}


def _rule(key: str, name: str, severity: int, effect: str, *tests: dict[str, Any], **more: Any) -> dict[str, Any]:
    definition = {"tests": list(tests), "match": "all", **more}
    return {"key": key, "name": name, "severity": severity, "effect": effect, "definition": definition}


KEY_ACCOUNTS = [{"field": "tier", "operator": "is", "value": "elephant"}]

SHIPPED: list[dict[str, Any]] = [
    _rule("silent_7d", "Silent for a week", 3, "churn × 3", _test("silence", "at_least", 7)),
    _rule(
        *("core_drop_30", "Core use fell by 30%", 3, "renewal −40%"),
        _test("core_change", "at_most", -30, days=30, minimum=10),
    ),
    _rule("complaints_5", "Many complaints", 2, "churn 65%", _test("tickets", "more_than", 5, days=30)),
    _rule(
        *("milestone_30d", "Core process not configured", 2, "90-day churn +70%"),
        _test("core_process_late", "at_least", 30),
    ),
    _rule(
        *("shallow_use", "Shallow use", 1, "GRR lower by 21%"),
        _test("only_basic", "at_least", 1, days=30),
        _test("modules_used", "at_most", 5, days=30),
        match="any",
        after_days=30,
    ),
    _rule("renewal_quiet_90d", "Renewal near, no talks", 3, "churn × 4", _test("renewal_quiet", "at_most", 90)),
    _rule(
        *("ka_no_expansion", "Key account without expansion", 2, "next year’s churn 35%"),
        _test("expansions", "less_than", 1, days=365),
        conditions=KEY_ACCOUNTS,
    ),
    _rule("nps_falling", "NPS falling", 2, "churn risk +10% per point", _test("nps_change", "at_most", -1, days=90)),
    _rule(
        *("module_loss", "Fewer modules in use", 3, "a customer about to leave shows it first here"),
        _test("modules_lost", "at_least", 1, days=30),
    ),
    _rule(
        *("downgraded", "Downgraded", 2, "a downgrade often comes before churn"),
        _test("contractions", "at_least", 1, days=180),
    ),
    _rule("champion_left", "Champion or decision maker left", 2, "", _test("people_left", "at_least", 1, days=180)),
    _rule("expectation_gap", "Open expectation gap", 1, "", _test("open_gaps", "at_least", 1)),
]
SHIPPED_NAMES = {rule["key"]: rule["name"] for rule in SHIPPED}
SHIPPED_EFFECTS = {rule["key"]: rule["effect"] for rule in SHIPPED}
