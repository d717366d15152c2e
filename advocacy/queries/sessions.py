"""Whom could a session be for, who was invited, and who came?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, Min, Q, QuerySet, Value, When

from accounts.models import Account, Contact, User
from advocacy.models import AskKind, SessionInvitation, SessionTalk, SharingSession
from advocacy.queries.consents import consent_of
from common.columns import MANY_IDS
from health.queries.scores import latest_scores
from revenue.models import ContractLine
from usage.models import Attendance

EXPORTED = (
    *("external_id", "account", "tier", "industry", "contact", "invited_on", "answer", "answered_on", "came"),
    *("follow_up_on", "followed_up_at"),
)
CONTACT_COLUMNS = ("email", "phone")
# Who is written to first: whoever speaks for us inside, then who decides.
FIRST_ROLES = (Contact.Role.CHAMPION, Contact.Role.DECISION_MAKER, Contact.Role.ECONOMIC_BUYER, Contact.Role.END_USER)


@dataclass(frozen=True)
class Segment:
    """Which customers a session is for; what is empty does not narrow."""

    tiers: tuple[str, ...] = ()
    industry: str = ""
    bands: tuple[str, ...] = ()
    product_id: int | None = None
    tag_ids: tuple[int, ...] = ()


def accounts_in_segment(segment: Segment, user: User, on: dt.date) -> QuerySet[Account]:
    """The customers of a segment that a person may see; who left is not among them."""
    rows: QuerySet[Account] = Account.objects.visible_to(user).exclude(stage=Account.Stage.CHURNED)
    if segment.tiers:
        rows = rows.filter(tier__in=segment.tiers)
    if segment.industry:
        rows = rows.filter(industry__iexact=segment.industry)
    if segment.bands:
        shown = latest_scores(on).filter(band__in=segment.bands)
        rows = rows.filter(pk__in=shown.order_by().values("account"))
    if segment.product_id:
        paying = ContractLine.objects.active_on(on).filter(product=segment.product_id)
        rows = rows.filter(pk__in=paying.order_by().values("account"))
    if segment.tag_ids:
        rows = rows.filter(pk__in=Account.tags.through.objects.filter(tag__in=segment.tag_ids).values("account"))
    return rows.order_by("name", "pk")


def first_contacts(account_ids: Sequence[int], on: dt.date) -> dict[int, int]:
    """The contact of each account to whom an invitation goes, by account."""
    order = Case(
        *(When(role=role, then=Value(place)) for place, role in enumerate(FIRST_ROLES)),
        default=Value(len(FIRST_ROLES)), output_field=IntegerField(),
    )  # fmt: skip
    rows = Contact.objects.present_on(on).filter(unsubscribed_at=None).exclude(role=Contact.Role.BLOCKER)
    rows = rows.filter(account__in=account_ids) if len(account_ids) <= MANY_IDS else rows
    wanted = set(account_ids)
    # The one to whom it goes comes last, so that it stays.
    ordered = rows.annotate(place=order).order_by("-place", "-pk").values_list("account", "pk")
    return {account: pk for account, pk in ordered if account in wanted}


def facts_of_session(session: SharingSession, account_ids: Iterable[int] | None = None) -> dict[int, int]:
    """The facts that accounts took part in a session, {account: fact}: by its name and day, the oldest of each."""
    rows = Attendance.objects.filter(kind=Attendance.Kind.SHARING_SESSION, name=session.name, on=session.on)
    wanted = None if account_ids is None else set(account_ids)
    found = rows.order_by().values_list("account").annotate(first=Min("pk"))
    return {account: pk for account, pk in found if wanted is None or account in wanted}


@dataclass(frozen=True)
class SessionLine:
    """One session with its counts, of the customers that the reader may see."""

    session: SharingSession
    invited: int
    accepted: int
    came: int
    invited_came: int

    @property
    def came_rate(self) -> float | None:
        """The share of the invited that came; who came by itself is not among them."""
        return self.invited_came / self.invited if self.invited else None


def session_lines(sessions: Sequence[SharingSession], user: User) -> list[SessionLine]:
    """Count the invitations of some sessions, in one query."""
    shown = SessionInvitation.objects.visible_to(user).filter(session__in=[one.pk for one in sessions])
    counted = shown.order_by().values("session").annotate(
        invited=Count("pk", filter=Q(invited_on__isnull=False)),
        accepted=Count("pk", filter=Q(answer=SessionInvitation.Answer.ACCEPTED)),
        came=Count("pk", filter=Q(attendance__isnull=False)),
        invited_came=Count("pk", filter=Q(attendance__isnull=False, invited_on__isnull=False)),
    )  # fmt: skip
    counts = {row.pop("session"): row for row in counted}
    empty = {"invited": 0, "accepted": 0, "came": 0, "invited_came": 0}
    return [SessionLine(one, **counts.get(one.pk, empty)) for one in sessions]


def with_talk_consent(talks: QuerySet[SessionTalk], on: dt.date) -> QuerySet[SessionTalk]:
    """Add to each talk whether its advocate has agreed to it on a day, as `has_consent`."""
    named = talks.select_related("session", "advocate__contact", "advocate__account")
    return named.annotate(has_consent=consent_of("advocate__contact", AskKind.TALK, on))


def exported_invitations(rows: QuerySet[SessionInvitation], *, with_contacts: bool) -> Iterator[list[Any]]:
    """Write the customers of a session as rows of a file; addresses only for who may see them."""
    for row in rows.select_related("account", "contact", "follow_up", "attendance").iterator(chunk_size=500):
        contact, follow_up = row.contact, row.follow_up
        cells: list[Any] = [
            *(row.account.external_id, row.account.name, row.account.get_tier_display(), row.account.industry),
            *(contact.name if contact else "", row.invited_on, row.get_answer_display(), row.answered_on),
            row.attendance_id is not None,
            *((follow_up.follow_up_on, follow_up.follow_up_done_at) if follow_up else (None, None)),
        ]
        addresses = [contact.email, contact.phone] if contact else ["", ""]
        yield [*cells, *addresses] if with_contacts else cells


def industries_shown_to(user: User) -> list[str]:
    """The industries of the accounts that a person may see, for a choice."""
    rows = Account.objects.visible_to(user).exclude(industry="").order_by("industry")
    return list(rows.values_list("industry", flat=True).distinct()[:200])
