"""What the system wrote on a timeline is read in the language of the reader."""

from typing import Any

import pytest

from accounts.models import TimelineEntry
from portfolio.queries.entry_titles import entry_title

KIND = TimelineEntry.Kind


@pytest.mark.parametrize(
    ("kind", "details", "title"),
    [
        (KIND.HEALTH, {"before": "green", "after": "red"}, "Health: Healthy → At risk"),
        (KIND.STAGE, {"old": "onboarding", "new": "adoption"}, "Stage: Onboarding → Adoption"),
        (
            KIND.ADVOCACY,
            {"event": "referral_moved", "name": "Newcomer", "state": "trial"},
            "Newcomer, whom they brought: On trial",
        ),
        (KIND.ADVOCACY, {"event": "session_attended", "name": "100 %"}, "Took part in the session 100 %"),
    ],
)
def test_a_change_is_told_in_words_of_the_reader(kind: str, details: dict[str, Any], title: str) -> None:
    entry = TimelineEntry(kind=kind, details=details, title="健康度：健康 → 有风险")
    assert entry_title(entry) == title


@pytest.mark.parametrize(
    "details", [{}, {"before": "blue", "after": []}, {"old": None, "new": {"a": 1}}, {"event": "case_sent"}]
)
@pytest.mark.parametrize("kind", [KIND.HEALTH, KIND.STAGE, KIND.NOTE, KIND.ADVOCACY])
def test_an_entry_without_readable_details_keeps_its_title(kind: str, details: dict[str, Any]) -> None:
    assert entry_title(TimelineEntry(kind=kind, details=details, title="As written")) == "As written"
