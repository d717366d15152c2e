"""What do all tests share? The network stays shut, but for tests that talk to a server of their own on this machine."""

import importlib.util

import pytest
from django.conf import settings
from django.core.cache import cache, caches
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from tests.servers import chromium_program

# Journeys need requirements/browser.txt and a Chromium.
collect_ignore = [] if importlib.util.find_spec("playwright") and chromium_program() else ["journeys"]
# A busy machine is slow and not wrong: no example has a deadline.
hypothesis_settings.register_profile("mainstay", deadline=None)
hypothesis_settings.load_profile("mainstay")

THIS_MACHINE = ["127.0.0.1", "::1", "localhost"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Open this machine's own addresses to tests with a live server."""
    for item in items:
        if "live_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.allow_hosts(THIS_MACHINE))


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """Begin in the default language, whatever the request of the test before has left to this thread."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> None:
    """Forget the rate limits of the test before, where no rolled-back transaction does it."""
    caches["requests"].clear()
    marker = request.node.get_closest_marker("django_db")
    in_transactions = {"live_server", "transactional_db"} & set(request.fixturenames)
    if settings.CACHE_URL:
        cache.clear()
    elif in_transactions or (marker and marker.kwargs.get("transaction")):
        request.getfixturevalue("transactional_db")
        cache.clear()


CASES: list[int] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count the cells of the table of permissions that were tried, in whatever process."""
    if report.when == "call":
        CASES.extend(int(str(value)) for name, value in report.user_properties if name == "matrix_cases")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many they were."""
    if CASES:
        terminalreporter.write_line(f"Permissions: {sum(CASES):,} cases at {len(CASES)} addresses.")
