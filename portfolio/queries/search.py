"""What does somebody mean who types a few letters: an account, a person, a view, a page, an act?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, SavedView, User
from accounts.queries.accounts import MAX_SEARCH, search_accounts
from accounts.rules.roles import Capability
from common.text import UNSTORABLE

# What fits into the palette without scrolling (UX.md §5).
PALETTE = 8
PAGE = 25
ACTIONS_MARK = ">"


@dataclass(frozen=True)
class Hit:
    """One answer: where it leads and what kind of thing it is."""

    label: str
    href: str
    kind: str
    icon: str
    meta: str = ""


@dataclass(frozen=True)
class Hits:
    """The answers by kind; the palette takes the first of each."""

    asked: str
    accounts: Sequence[Hit]
    people: Sequence[Hit]
    views: Sequence[Hit]
    pages: Sequence[Hit]
    actions: Sequence[Hit]
    is_cut: bool = False

    @property
    def groups(self) -> list[tuple[str, Sequence[Hit]]]:
        """The kinds that have answers, with their headings."""
        named = [
            (_("Accounts"), self.accounts),
            (_("People"), self.people),
            (_("Saved views"), self.views),
            (_("Pages"), self.pages),
            (_("Actions"), self.actions),
        ]
        return [(name, hits) for name, hits in named if hits]

    @property
    def palette(self) -> list[Hit]:
        """At most eight answers: accounts first, but no kind crowds all others out."""
        others = [*self.people[:2], *self.views[:2], *self.pages[:2], *self.actions[:2]]
        chosen = [*self.accounts[: max(PALETTE - len(others), 4)], *others]
        rest = [*self.people[2:], *self.pages[2:], *self.actions[2:]]
        return [*chosen, *rest][:PALETTE]


def search_everything(text: str, user: User, *, limit: int = PAGE) -> Hits:
    """Look for a text, taken literally, in what a person may see; after `>` among the acts alone."""
    asked = text.strip()
    wanted = asked.removeprefix(ACTIONS_MARK).strip()
    if UNSTORABLE.search(wanted) or len(wanted) > MAX_SEARCH:
        return Hits(asked, (), (), (), (), ())
    if asked.startswith(ACTIONS_MARK):
        return Hits(asked, (), (), (), (), _matching(actions_of(user), wanted))
    if not wanted:
        return Hits(asked, (), (), (), _matching(pages_of(user), ""), _matching(actions_of(user), ""))
    accounts = _accounts(wanted, user, limit + 1)
    return Hits(
        asked,
        accounts[:limit],
        _people(wanted, user, limit),
        _views(wanted, user, limit),
        _matching(pages_of(user), wanted),
        _matching(actions_of(user), wanted),
        is_cut=len(accounts) > limit,
    )


def _accounts(wanted: str, user: User, limit: int) -> list[Hit]:
    rows = search_accounts(Account.objects.visible_to(user), wanted)
    found = rows.values_list("pk", "name", "external_id")[:limit]
    return [
        Hit(name, reverse("account_overview", args=[pk]), _("Account"), "building", external_id)
        for pk, name, external_id in found
    ]


def _people(wanted: str, user: User, limit: int) -> list[Hit]:
    fields = Q(name__icontains=wanted)
    if user.can(Capability.SEE_CONTACT_DETAILS):
        fields |= Q(email__icontains=wanted)
    rows: QuerySet[Contact] = Contact.objects.visible_to(user).filter(fields, left_on=None).order_by("name", "pk")
    found = rows.values_list("name", "account", "account__name")[:limit]
    return [
        Hit(name, reverse("account_people", args=[account]), _("Contact"), "person", account_name)
        for name, account, account_name in found
    ]


def _views(wanted: str, user: User, limit: int) -> list[Hit]:
    rows = SavedView.objects.visible_to(user).filter(name__icontains=wanted, page="account_list").order_by("name")
    base = reverse("account_list")
    found = rows.values_list("name", "query")[:limit]
    return [Hit(name, f"{base}?{query}" if query else base, _("View"), "bookmark") for name, query in found]


def _matching(hits: Sequence[Hit], wanted: str) -> list[Hit]:
    """Those in whose label a word begins with the text."""
    needle = wanted.casefold()
    return [hit for hit in hits if hit.label.casefold().startswith(needle) or f" {needle}" in hit.label.casefold()]


def pages_of(user: User) -> list[Hit]:
    """The pages that a person may open, as far as this installation has them."""
    named = [
        ("today", _("Today"), "sun", True),
        ("account_list", _("Accounts"), "building", True),
        ("playbooks", _("Playbooks"), "play", True),
        ("my_tasks", _("My tasks"), "check", True),
        ("team_tasks", _("Team’s work"), "people", True),
        ("playbook_runs", _("Runs"), "play", True),
        ("workload", _("Workload"), "people", True),
        ("revenue_overview", _("Revenue"), "chart", user.can(Capability.SEE_MONEY)),
        ("advocate_list", _("Advocacy"), "star", True),
        ("roadmap", _("Roadmap"), "signpost", True),
        ("settings_home", _("Settings"), "sliders", True),
        ("profile", _("Your profile"), "person", True),
        ("help", _("Help"), "help", True),
    ]
    return _reachable([(name, label, icon) for name, label, icon, may in named if may], _("Page"))


def actions_of(user: User) -> list[Hit]:
    """The acts that a person may begin from anywhere."""
    edits = user.can(Capability.EDIT_ACCOUNTS)
    named = [
        ("touch_add", _("Log a touch"), "plus", edits),
        ("account_add", _("New account"), "plus", edits),
        ("task_add", _("New task"), "plus", edits),
        ("playbook_start", _("Start a playbook"), "play", edits),
        ("account_transfer", _("Transfer accounts"), "right", user.can(Capability.ASSIGN_OWNERS)),
        ("import_book", _("Import a book"), "upload", user.can(Capability.IMPORT_BOOK)),
        ("person_invite", _("Invite a person"), "person", user.can(Capability.MANAGE_PEOPLE)),
    ]
    return _reachable([(name, label, icon) for name, label, icon, may in named if may], _("Action"))


def _reachable(named: Sequence[tuple[str, str, str]], kind: str) -> list[Hit]:
    hits = []
    for name, label, icon in named:
        try:
            hits.append(Hit(label, reverse(name), kind, icon))
        except NoReverseMatch:
            continue
    return hits
