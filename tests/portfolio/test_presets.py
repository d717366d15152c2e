"""Do all 24 templates of UX.md come with Mainstay, each filled in but for two fields at most, in both languages?"""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, User
from accounts.rules.timeline import LOG_TEMPLATES
from playbooks.models import Playbook
from portfolio.actions import refresh_rows
from portfolio.queries.mail_drafts import DRAFTS
from portfolio.queries.saved_views import PRESETS, address
from revenue.actions import derive_movements
from tests.factories import make_account, make_contact, make_line, make_team, make_user

pytestmark = pytest.mark.django_db
PLAYS = (
    *("onboarding", "renewal", "rescue", "usage_drop", "sponsor_change", "escalation", "expansion", "win_back"),
)  # fmt: skip
LOGS = ("check_in", "kick_off", "qbr", "training", "escalation", "exec_call")
VIEWS = ("my-risk", "renewals-90", "silent-30", "no-sponsor", "promoters")
REPORTS = ("account_review", "portfolio_review", "board_page")
MAILS = ("check_in", "renewal")
HAN = re.compile("[\u4e00-\u9fff]")


class Fields(HTMLParser):
    """Counts the fields that a form asks for and that are empty."""

    def __init__(self) -> None:
        super().__init__()
        self.empty: list[str] = []
        self._open: dict[str, str | None] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and "required" in given and not given.get("value"):
            self.empty.append(given.get("name") or "")
        if tag in ("textarea", "select") and "required" in given:
            self._open, self._text = given, ""
        if tag == "option" and self._open is not None and "selected" in given:
            self._text += given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._open.get("rows"):
            self._text += data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "select") and self._open is not None:
            if not self._text:
                self.empty.append(self._open.get("name") or "")
            self._open = None


@pytest.fixture(params=["en", "zh-hans"])
def language(request: Any) -> str:
    return str(request.param)


@pytest.fixture
def manager(client: Client, language: str) -> User:
    user = make_user("cs_manager", team=make_team(), name="Ann", language=language)
    client.force_login(user)
    return user


@pytest.fixture
def account(manager: User) -> Account:
    made = make_account(owner=manager, name="Harbour", tier="elephant", stage="mature")
    make_contact(made, name="Bo", email="bo@example.com")
    make_line(made, 90_000, starts_on=dt.date(2025, 1, 1), ends_on=timezone.now().date() + dt.timedelta(days=60))
    derive_movements()
    refresh_rows(on=timezone.now().date())
    return made


def test_there_are_24() -> None:
    assert set(PLAYS) <= set(Playbook.objects.values_list("key", flat=True))
    assert tuple(LOG_TEMPLATES) == LOGS
    assert tuple(preset.key for preset in PRESETS) == VIEWS
    assert tuple(draft.key for draft in DRAFTS) == MAILS
    assert sum(map(len, (PLAYS, LOGS, VIEWS, REPORTS, MAILS))) == 24


def read(client: Client, address: str, language: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    page: str = answer.content.decode()
    assert (f'lang="{"zh-Hans" if language == "zh-hans" else "en"}"') in page
    return page


def left_to_fill(page: str) -> list[str]:
    fields = Fields()
    fields.feed(page)
    return fields.empty


def in_its_language(text: str, language: str) -> bool:
    return bool(HAN.search(text)) == (language == "zh-hans")


@pytest.mark.parametrize("key", PLAYS)
def test_a_play_opens_filled_in(client: Client, account: Account, language: str, key: str) -> None:
    play = Playbook.objects.get(key=key)
    page = read(client, f"{reverse('playbook_start')}?account={account.pk}&playbook={play.pk}", language)
    assert left_to_fill(page) == []
    assert 'class="plan' in page or "<ol" in page or "<li" in page
    assert in_its_language(play.name[language], language)
    standing = play.versions.latest("number").parsed
    assert all(in_its_language(step.title[language], language) for step in standing.steps)


@pytest.mark.parametrize("key", LOGS)
def test_a_log_opens_filled_in(client: Client, account: Account, language: str, key: str) -> None:
    page = read(client, f"{reverse('account_touch_add', args=[account.pk])}?template={key}", language)
    assert len(left_to_fill(page)) <= 2
    title = re.search(r'name="title" value="([^"]+)"', page)
    assert title is not None
    assert in_its_language(title[1].replace("QBR", ""), language) or title[1] == "QBR"
    assert re.search(r'name="follow_up_on" value="\d{4}-\d\d-\d\d"', page)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_a_view_opens_as_it_is_kept(client: Client, account: Account, language: str, preset: Any) -> None:
    page = read(client, address(preset.query, preset.key), language)
    named = re.search(r'class="open-view">.*?<b>([^<]+)</b>', page, re.DOTALL)
    assert named is not None
    assert in_its_language(named[1], language)
    assert left_to_fill(page.split('id="list"')[1].split('id="view-menu"')[0]) == []


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_there_at_once(client: Client, account: Account, language: str, name: str) -> None:
    page = read(client, reverse(name, args=[account.pk] if name == "account_review" else []), language)
    assert left_to_fill(page.split("<main")[1]) == []
    heading = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)
    assert heading is not None
    assert in_its_language(heading[1], language) or "Harbour" in heading[1]


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.key)
def test_a_mail_is_written_but_for_a_word(client: Client, account: Account, language: str, draft: Any) -> None:
    page = read(client, reverse("account_mail", args=[account.pk]), language)
    part = page.split(f'id="draft-{draft.key}"')[1].split("</section>")[0]
    text = re.search(r'class="draft-text">(.*?)</p>', part, re.DOTALL)
    assert text is not None
    assert in_its_language(text[1], language)
    assert ("Harbour" in part, "Ann" in text[1], "[" in text[1]) == (True, True, False)
