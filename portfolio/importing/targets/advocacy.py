"""How do advocates, their consents, what they were asked and where they spoke of us come in?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Contact
from advocacy.actions import refresh_people
from advocacy.models import AdvocacySettings, Advocate, Ask, AskKind, Channel, Consent, PublicMention
from advocacy.queries.standing import judge_all
from advocacy.rules import stage_after
from portfolio.importing.targets.base import Context, Flaw, Target, Values, choice, day, in_order, link, text


def _give_advocate_a_start(row: Values, context: Context) -> None:
    row["since"] = context.today


def _judge_advocates(rows: Sequence[Values], context: Context) -> Mapping[int, Flaw]:
    """Nobody who left becomes an advocate."""
    gone = set(
        Contact.objects.filter(pk__in=_numbers(rows, "contact_id"), left_on__lte=context.today).values_list(
            "pk", flat=True
        )
    )
    reason = _("This contact has left the customer.")
    return {place: ("contact", reason) for place, row in enumerate(rows) if row["contact_id"] in gone}


def _judge_asks(rows: Sequence[Values], context: Context) -> Mapping[int, Flaw]:
    """What is over comes in as history; an ask that is open asks somebody today, within the limits of every ask."""
    flaws: dict[int, Flaw] = {}
    live: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        is_over = row.get("answer") == Ask.Answer.DECLINED or row.get("done_on") is not None
        if row["asked_on"] > context.today:
            flaws[place] = ("asked_on", _("The day cannot be in the future."))
        elif not is_over and row["asked_on"] < context.today:
            flaws[place] = ("asked_on", _("Nobody can be asked in the past; what is over has an answer and a day."))
        elif row["asked_on"] == context.today:
            live.setdefault(row["kind"], []).append(place)
    people = dict(Advocate.objects.filter(pk__in=_numbers(rows, "advocate_id")).values_list("pk", "contact_id"))
    settings, asked = AdvocacySettings.load(), set()
    for kind, places in live.items():
        contacts = {
            place: people[rows[place]["advocate_id"]] for place in places if rows[place]["advocate_id"] in people
        }
        judged = judge_all(context.today, contacts.values(), kind, settings)
        for place, contact in contacts.items():
            if judged[contact].hard:
                flaws[place] = ("advocate", " ".join(judged[contact].forbidden))
            elif judged[contact].soft and not rows[place].get("reason"):
                flaws[place] = ("reason", _("Say why you ask all the same: %(limits)s") % {
                    "limits": " ".join(judged[contact].doubts)})  # fmt: skip
            elif contact in asked:
                flaws[place] = ("advocate", _("This advocate is asked in another row already."))
            else:
                asked.add(contact)
    return flaws


def _numbers(rows: Sequence[Values], name: str) -> set[int]:
    """The ids of rows that exist; what a trial would make has none yet."""
    return {row[name] for row in rows if isinstance(row[name], int)}


def _check_ask(row: Values, _context: Context) -> Iterable[Flaw]:
    answer, answered_on, done_on = row.get("answer"), row.get("answered_on"), row.get("done_on")
    if answered_on is not None and answer == Ask.Answer.WAITING:
        yield "answered_on", _("is given, but there is no answer")
    if done_on is not None and answer != Ask.Answer.ACCEPTED:
        yield "done_on", _("is given, but nobody agreed")
    yield from in_order(row, "asked_on", "answered_on", _("comes before the question"), equal=True)
    yield from in_order(row, "asked_on", "done_on", _("comes before the question"), equal=True)


def _keep_asks(before: Values, row: Values) -> None:
    """What was asked and answered is not rewritten by a file."""
    for name in ("answer", "answered_on", "done_on", "outcome", "reason"):
        if name in row:
            row[name] = before[name]


def _check_consent(row: Values, context: Context) -> Iterable[Flaw]:
    yield from in_order(row, "given_on", "expires_on", _("is not after the day on which it was given"))
    given_on = row.get("given_on")
    if given_on is not None and given_on > context.today:
        yield "given_on", _("The day cannot be in the future.")


def _check_mention(row: Values, context: Context) -> Iterable[Flaw]:
    on, url = row.get("on"), row.get("url") or ""
    if on is not None and on > context.today:
        yield "on", _("The day cannot be in the future.")
    if url and not url.startswith(("https://", "http://")):
        yield "url", _("is no address of a page")


def _follow_asks(created: Sequence[Any], _changed: Sequence[Any], context: Context) -> None:
    """Let the stages follow what was asked and answered, and the list of people with them."""
    advocates = {one.pk: one for one in Advocate.objects.filter(pk__in={ask.advocate_id for ask in created})}
    for ask in sorted(created, key=lambda one: (one.asked_on, one.pk)):
        advocate = advocates[ask.advocate_id]
        advocate.stage = str(stage_after(stage_after(advocate.stage, "waiting"), ask.answer))
        if ask.done_on is not None and advocate.stage != Advocate.Stage.WITHDRAWN:
            advocate.stage = Advocate.Stage.ACTIVE
        advocate.since = max(advocate.since, ask.asked_on) if ask.asked_on <= context.today else advocate.since
    Advocate.objects.bulk_update(advocates.values(), ["stage", "since"], batch_size=500)
    _refresh(advocates.values(), context.today)


def _follow_people(created: Sequence[Any], changed: Sequence[Any], context: Context) -> None:
    _refresh([*created, *changed], context.today)


def _refresh(rows: Iterable[Any], on: dt.date) -> None:
    accounts = {row.account_id for row in rows}
    if accounts:
        refresh_people(on=on, account_ids=accounts)


TARGETS = (
    Target(
        "advocates",
        Advocate,
        ("contact",),
        (
            link("account", "accounts", required=True),
            link("contact", "contacts", required=True),
            text("note", 4_000, lines=True),
        ),
        fill=_give_advocate_a_start,
        judge=_judge_advocates,
        after=_follow_people,
        link="contact__external_id",
    ),
    Target(
        "advocacy_consents",
        Consent,
        ("contact", "scope", "channel", "given_on"),
        (
            link("account", "accounts", required=True),
            link("contact", "contacts", required=True),
            choice("scope", Consent.Scope, required=True),
            choice("channel", Channel, blank=Channel.PRIVATE.value),
            day("given_on", required=True),
            day("expires_on", required=True),
            text("evidence", 300, required=True),
        ),
        check=_check_consent,
        after=_follow_people,
    ),
    Target(
        "asks",
        Ask,
        ("advocate", "kind", "asked_on"),
        (
            link("advocate", "advocates", required=True, says="the contact’s id, from advocates"),
            choice("kind", AskKind, required=True),
            day("asked_on", required=True),
            choice("answer", Ask.Answer, blank=Ask.Answer.WAITING.value),
            day("answered_on"),
            day("done_on"),
            text("outcome", 500),
            text("reason", 500),
        ),
        check=_check_ask,
        judge=_judge_asks,
        keeps=_keep_asks,
        needs=("answer", "answered_on", "done_on", "outcome", "reason"),
        after=_follow_asks,
    ),
    Target(
        "public_mentions",
        PublicMention,
        ("account", "title", "on"),
        (
            link("account", "accounts", required=True),
            link("contact", "contacts"),
            choice("kind", PublicMention.Kind, blank=PublicMention.Kind.REVIEW.value),
            text("title", 200, required=True),
            text("url", 500),
            day("on", required=True),
        ),
        check=_check_mention,
    ),
)
