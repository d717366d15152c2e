"""What does somebody mean who types a few letters: an account, a person, a view, a page, an act?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, SavedView, User
from accounts.queries.accounts import MAX_SEARCH, search_accounts
from accounts.rules.roles import Capability
from common.text import UNSTORABLE
from portfolio.queries.saved_views import PAGE as PAGE_OF_VIEWS
from portfolio.queries.saved_views import address, presets_for
from portfolio.queries.shell import PAGES, navigation
from roadmap.models import FeatureRequest

# What fits into the palette without scrolling (UX.md §5).
PALETTE = 8
PAGE = 25
# So many accounts opened lately stand there before anything is typed.
RECENT = 5
ACTIONS_MARK = ">"
SECTION_ICONS = {
    "today": "sun", "accounts": "building", "playbooks": "play", "revenue": "chart", "advocacy": "star",
    "roadmap": "signpost", "settings": "sliders",
}  # fmt: skip


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
    requests: Sequence[Hit]
    views: Sequence[Hit]
    pages: Sequence[Hit]
    actions: Sequence[Hit]
    is_cut: bool = False
    recent: Sequence[Hit] = ()

    @property
    def groups(self) -> list[tuple[str, Sequence[Hit]]]:
        """The kinds that have answers, with their headings."""
        named = [
            (_("Opened lately"), self.recent),
            (_("Accounts"), self.accounts),
            (_("People"), self.people),
            (_("Requests"), self.requests),
            (_("Saved views"), self.views),
            (_("Pages"), self.pages),
            (_("Actions"), self.actions),
        ]
        return [(name, hits) for name, hits in named if hits]

    @property
    def palette(self) -> list[Hit]:
        """At most eight answers: what was opened lately, else accounts first, but no kind crowds all others out."""
        if self.recent:
            return [*self.recent[:RECENT], *self.actions[:2], *self.pages][:PALETTE]
        others = [*self.people[:2], *self.requests[:1], *self.views[:2], *self.pages[:2], *self.actions[:2]]
        chosen = [*self.accounts[: max(PALETTE - len(others), 3)], *others]
        rest = [*self.people[2:], *self.requests[1:], *self.pages[2:], *self.actions[2:]]
        return [*chosen, *rest][:PALETTE]


def search_everything(text: str, user: User, *, limit: int = PAGE, recent: Sequence[int] = ()) -> Hits:
    """Look for a text, taken literally, in what a person may see; after `>` among the acts alone.

    recent: the accounts that were opened lately, the last first; they stand there as long as nothing is typed.
    """
    asked = text.strip()
    wanted = asked.removeprefix(ACTIONS_MARK).strip()
    if UNSTORABLE.search(wanted) or len(wanted) > MAX_SEARCH:
        return Hits(asked, (), (), (), (), (), ())
    if asked.startswith(ACTIONS_MARK):
        return Hits(asked, (), (), (), (), (), _matching(actions_of(user), wanted))
    if not wanted:
        return Hits(asked, (), (), (), (), pages_of(user), actions_of(user), recent=_recent(recent, user))
    accounts = _accounts(wanted, user, limit + 1)
    return Hits(
        asked,
        accounts[:limit],
        _people(wanted, user, limit),
        _requests(wanted, user, limit),
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


def _recent(ids: Sequence[int], user: User) -> list[Hit]:
    """The accounts opened lately that the person may still see, in that order."""
    rows = Account.objects.visible_to(user).filter(pk__in=list(ids)[:RECENT])
    found = {pk: (name, external_id) for pk, name, external_id in rows.values_list("pk", "name", "external_id")}
    return [
        Hit(found[pk][0], reverse("account_overview", args=[pk]), _("Account"), "clock", found[pk][1])
        for pk in ids
        if pk in found
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


def _requests(wanted: str, user: User, limit: int) -> list[Hit]:
    """What customers ask for, as far as it still stands by itself."""
    fields = Q(title__icontains=wanted) | Q(external_id__iexact=wanted)
    rows = FeatureRequest.objects.visible_to(user).filter(fields, merged_into=None).order_by("title", "pk")
    return [
        Hit(row.title, reverse("feature_request", args=[row.pk]), _("Request"), "signpost", row.get_state_display())
        for row in rows.only("title", "state")[:limit]
    ]


def _views(wanted: str, user: User, limit: int) -> list[Hit]:
    rows = SavedView.objects.visible_to(user).filter(name__icontains=wanted, page=PAGE_OF_VIEWS).order_by("name", "pk")
    found = [Hit(view.name, address(view.query, view.pk), _("View"), "bookmark") for view in rows[:limit]]
    shipped = [Hit(str(one.name), address(one.query, one.key), _("View"), "bookmark") for one in presets_for(user)]
    return [*found, *_matching(shipped, wanted)][:limit]


def _matching(hits: Sequence[Hit], wanted: str) -> list[Hit]:
    """Those in whose label a word begins with the text."""
    needle = wanted.casefold()
    return [hit for hit in hits if hit.label.casefold().startswith(needle) or f" {needle}" in hit.label.casefold()]


def pages_of(user: User) -> list[Hit]:
    """The pages that a person may open: the sections, what lies in them, the settings, what is one's own."""
    shown = navigation("", user)
    sections = [Hit(item.label, item.url, _("Page"), _icon(item.icon)) for item in shown]
    first = {item.name for item in shown}
    inner = [
        (name, str(label), _icon(section))
        for section, pages in PAGES.items()
        for place, (name, label, right) in enumerate(pages)
        # The first page of a section is mostly the section itself.
        if (right is None or user.can(right)) and not (place == 0 and name in first)
    ]
    own = [
        ("notifications", _("Notifications"), "bell"),
        ("history", _("Your changes"), "undo"),
        ("reports", _("Reports"), "note"),
        ("help", _("Help"), "help"),
    ]
    set_up = [
        (name, str(label), "sliders")
        for name, label, _about, right in settings.SETTINGS_PAGES
        if not right or user.can(Capability(right))
    ]
    return [*sections, *_reachable([*own, *inner, *set_up], _("Page"))]


def _icon(section: str) -> str:
    return SECTION_ICONS.get(section, "right")


def actions_of(user: User) -> list[Hit]:
    """The acts that a person may begin from anywhere."""
    named = [
        ("touch_add", _("Log a touch"), "plus", Capability.EDIT_ACCOUNTS),
        ("account_add", _("New account"), "plus", Capability.EDIT_ACCOUNTS),
        ("task_add", _("New task"), "plus", Capability.EDIT_ACCOUNTS),
        ("playbook_start", _("Start a playbook"), "play", Capability.EDIT_ACCOUNTS),
        ("opportunity_new", _("New opportunity"), "plus", Capability.EDIT_REVENUE),
        ("account_transfer", _("Transfer accounts"), "right", Capability.ASSIGN_OWNERS),
        ("import_book", _("Import a book"), "upload", Capability.IMPORT_BOOK),
        ("person_invite", _("Invite a person"), "person", Capability.MANAGE_PEOPLE),
        ("token_create", _("New API token"), "key", None),
        ("chat_webhook_add", _("Add a chat channel"), "link", Capability.MANAGE_SETTINGS),
        ("notification_settings", _("Choose what you hear of"), "bell", None),
    ]
    return _reachable(
        [(name, label, icon) for name, label, icon, right in named if not right or user.can(right)], _("Action")
    )


def _reachable(named: Sequence[tuple[str, str, str]], kind: str) -> list[Hit]:
    hits = []
    for name, label, icon in named:
        try:
            hits.append(Hit(label, reverse(name), kind, icon))
        except NoReverseMatch:
            continue
    return hits
