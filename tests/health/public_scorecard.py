"""A public scorecard of a kind quite unlike ours, as a person types it into the editor; docs/scorecards.md tells it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from health.models import Scorecard

# The measure as the address names it, and what is typed into the form.
Typed = tuple[str, dict[str, str]]

STEPS = "1: 0\n2: 60\n3: 100"
SENTIMENT: Typed = (
    "of=reading",
    {
        "name": "CSM sentiment", "of-metric": "csm_sentiment", "of-how": "latest", "days": "365",
        "scale": "steps", "steps": STEPS, "stale_days": "90", "shelf_days": "120",
    },
)  # fmt: skip


def line(measure: str, name: str, red: str, green: str, weight: str, **more: str) -> Typed:
    return measure, {"name": name, "scale": "line", "red": red, "green": green, "weight": weight, **more}


GROUPS: dict[str, list[Typed]] = {
    "Product": [
        line(
            "of=reading", "Licences in use", "0.1", "0.75", "30",
            **{"of-metric": "licence_use", "of-how": "latest", "days": "365", "shelf_days": "60"},
        ),
        line("of=active_users&as=ratio&over=seats", "Active users", "0.05", "0.5", "20", days="28", shelf_days="60"),
    ],
    "Risk": [(SENTIMENT[0], {**SENTIMENT[1], "weight": "25"})],
    "Outcomes": [line("of=goals", "Goals reached", "0", "1", "10")],
    "Voice": [line("source=nps", "", "-50", "50", "5", days="180", shelf_days="180")],
    "Engagement": [line("of=days_since_touch", "Last touch", "90", "14", "10")],
}  # fmt: skip


class Editor:
    """A person in front of the editor of one scorecard."""

    def __init__(self, browser: Client, name: str) -> None:
        self.browser = browser
        browser.post("/settings/health/add/", {"name": name})
        self.card = Scorecard.objects.get(name=name)
        self.base = f"/settings/health/{self.card.pk}/"

    @property
    def version(self) -> int:
        """The version of the draft, as the page's hidden field has it."""
        self.card = Scorecard.objects.select_related("draft").get(pk=self.card.pk)
        return self.card.draft.version if hasattr(self.card, "draft") else 0

    def send(self, path: str, **typed: Any) -> None:
        """Send a form; every one has to be accepted."""
        answer = self.browser.post(self.base + path, {"version": self.version, **typed})
        assert answer.status_code == 302, answer.content.decode()

    def indicator(self, group: str, typed: Typed) -> None:
        """Add an indicator: choose a measure, fill its form in."""
        measure, fields = typed
        self.send(f"indicators/add/?{measure}", group=group.lower(), **fields)


def set_up(browser: Client, today: str) -> list[Scorecard]:
    """Type both scorecards in and publish them: the one for everybody, and the one for the first 30 days before it."""
    everybody = Editor(browser, "Everybody")
    for group, indicators in GROUPS.items():
        everybody.send("groups/", name=group)
        for typed in indicators:
            everybody.indicator(group, typed)
    newcomers = Editor(browser, "First 30 days")
    newcomers.send("groups/", name="Risk")
    newcomers.indicator("Risk", (SENTIMENT[0], {**SENTIMENT[1], "weight": "100"}))
    newcomers.send("conditions/", add="1", field="days_since_signing", operator="at_most", value="30")
    for editor, floor in ((everybody, "50"), (newcomers, "0")):
        limits = {"green": "75", "yellow": "50", "clear_points": "3", "readings": "1", "grace_days": "0"}
        editor.send("limits/", coverage_floor=floor, **limits)
        editor.send("knock-outs/", add="1", indicator="csm_sentiment", below="50", band="red")
        editor.send("publish/", effective_on=today)
    return [everybody.card, newcomers.card]
