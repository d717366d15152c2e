"""What do the tests of health share?"""

import pytest

from health.actions import ensure_default_scorecard, ensure_shipped_rules
from health.models import WarningRule


@pytest.fixture(autouse=True)
def _scorecard(request: pytest.FixtureRequest) -> None:
    """Have the shipped scorecard also after a test that emptied the tables."""
    marker = request.node.get_closest_marker("django_db")
    if marker is not None:
        request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
        ensure_default_scorecard()


@pytest.fixture
def shipped_rules(db: None) -> None:
    """Have the rules that come with Mainstay also after a test that emptied the tables."""
    ensure_shipped_rules()


@pytest.fixture
def few_rules(shipped_rules: None) -> None:
    """Have three rules only, so that judging many past days is quick."""
    WarningRule.objects.exclude(key__in=["silent_7d", "core_drop_30", "champion_left"]).delete()
