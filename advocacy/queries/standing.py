"""How do some people at customers stand today towards the limits of asking?

A handful of queries whatever their number: columns, on which the one rule of `advocacy.rules.limits` works.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Case, Count, IntegerField, Q, Value, When

from accounts.models import Account, Contact, Organisation
from advocacy.models import CHANNEL_OF, AdvocacySettings, Advocate, Ask, Consent
from advocacy.queries.limit_words import hard_sentence, numbers_of, soft_sentence
from advocacy.rules.limits import Flags, Floats, Hard, Ints, Limits, Soft, Standing, hard_limits, soft_limits
from common.columns import NO_DAY, masked, only_ids, read_columns
from common.periods import start_of_day
from health.models import HealthScore
from health.queries.indicators.book import day_number
from health.queries.overrides import overrides_on
from health.queries.scores import latest_scores
from revenue.models import Renewal
from revenue.queries.renewals import chains
from usage.models import SurveyAnswer, Ticket

# So long after its day an open renewal is still waited for.
OVERDUE_DAYS = 90
BANDS = list(HealthScore.Band.values)
GRAVE = (Ticket.Severity.HIGH, Ticket.Severity.CRITICAL)


@dataclass(frozen=True)
class People:
    """Some contacts, with what the limits of asking depend on; columns in the order of the contacts' ids."""

    on: dt.date
    contacts: Ints
    accounts: Ints
    standing: Standing
    # Of the person alone: their latest NPS answer and its day (NO_DAY for none), the last ask, asks ever.
    own_nps: Floats
    own_nps_on: Ints
    last_asked: Ints
    asks_ever: Ints
    has_consent: Flags
    stages: list[str]

    def row_of(self, contact_id: int) -> int:
        """Where a contact stands among them."""
        return int(np.searchsorted(self.contacts, contact_id))


@dataclass(frozen=True)
class Judged:
    """What forbids asking one person, and what asks for a reason, with the numbers behind it."""

    hard: list[Hard]
    soft: list[Soft]
    numbers: dict[str, Any]
    limits: Limits
    kind: str = ""

    @property
    def forbidden(self) -> list[str]:
        """What forbids it, in words."""
        return [hard_sentence(limit, self.numbers, self.limits, self.kind) for limit in self.hard]

    @property
    def doubts(self) -> list[str]:
        """What asks for a reason, in words."""
        return [soft_sentence(limit, self.numbers, self.limits) for limit in self.soft]


def people_on(
    on: dt.date, settings: AdvocacySettings, contact_ids: Iterable[int] | None = None, *, kind: str = ""
) -> People:
    """Read how contacts stand on a day; with a kind, whether their consent covers it, else whether there is any."""
    wanted = None if contact_ids is None else sorted(set(contact_ids))
    columns = _contacts(wanted)
    contacts, accounts = columns["pk"], columns["account_id"]
    ids = None if wanted is None else np.unique(accounts).tolist()
    day = day_number(on)
    asks = _asks(on, settings, wanted, ids, contacts, accounts)
    own, own_on, account_nps = _answers(on, ids, contacts, accounts)
    band = _bands(on, ids, accounts)
    critical, trouble = _tickets(on, ids, accounts)
    any_consent = _consents(on, wanted, contacts)
    standing = Standing(
        red=band == BANDS.index("red"),
        watch=band == BANDS.index("yellow"),
        unclear=np.isin(band, [BANDS.index(name) for name in ("unknown", "onboarding")]),
        nps=np.where(np.isnan(own), account_nps, own),
        asks=asks.window,
        since=np.where(asks.last == NO_DAY, np.nan, (day - asks.last).astype(float)),
        critical=critical,
        trouble=trouble,
        renewal=_renewals(on, ids, accounts),
        left=columns["left_on"] <= day,
        gone=np.isin(accounts, _gone(ids)),
        withdrawn=np.array([stage == Advocate.Stage.WITHDRAWN for stage in asks.stages], dtype=bool),
        consent=_consents(on, wanted, contacts, kind) if kind else any_consent,
        waiting=asks.waiting,
        declined=np.where(asks.declined == NO_DAY, np.nan, (day - asks.declined).astype(float)),
        colleague=asks.colleague,
    )
    return People(on, contacts, accounts, standing, own, own_on, asks.last, asks.ever, any_consent, asks.stages)


def judge(on: dt.date, contact_id: int, kind: str, settings: AdvocacySettings) -> Judged:
    """Say what stands in the way of asking one person for something on a day."""
    return judge_all(on, [contact_id], kind, settings)[contact_id]


def judge_all(on: dt.date, contact_ids: Iterable[int], kind: str, settings: AdvocacySettings) -> dict[int, Judged]:
    """The same for several people, with as many queries as for one."""
    found = people_on(on, settings, contact_ids, kind=kind)
    hard = hard_limits(found.standing, settings.limits())
    soft = soft_limits(found.standing, settings.limits())
    return {
        int(contact): Judged(
            hard=[limit for limit, where in hard.items() if where[row]],
            soft=[limit for limit, where in soft.items() if where[row]],
            numbers=numbers_of(found.standing, row),
            limits=settings.limits(),
            kind=kind,
        )
        for row, contact in enumerate(found.contacts)
    }


@dataclass(frozen=True)
class _Asks:
    """What each person was asked: within the window, last, ever, waiting, last no, and when a colleague was."""

    window: Ints
    last: Ints
    ever: Ints
    waiting: Ints
    declined: Ints
    colleague: Floats
    stages: list[str]


def _contacts(wanted: Sequence[int] | None) -> dict[str, Ints]:
    rows = only_ids(Contact.objects.order_by("pk"), "pk", wanted)
    return masked(read_columns(rows, pk="int", account_id="int", left_on="day"), "pk", wanted)


def _asks(
    on: dt.date, settings: AdvocacySettings, wanted: Sequence[int] | None, ids: Sequence[int] | None,
    contacts: Ints, accounts: Ints,
) -> _Asks:  # fmt: skip
    """Read every ask of the accounts concerned: asks are few beside the book."""
    number = {"waiting": 1, "declined": 2}
    whens = [When(answer=answer, then=Value(code)) for answer, code in number.items()]
    rows = only_ids(Ask.objects.filter(asked_on__lte=on), "advocate__account_id", ids).annotate(
        code=Case(
            When(withdrawn_on__isnull=False, then=Value(0)), *whens, default=Value(0), output_field=IntegerField()
        )
    )
    found = read_columns(
        rows.order_by("asked_on", "pk"), advocate__contact_id="int", advocate__account_id="int", asked_on="day",
        answered_on="day", code="int",
    )  # fmt: skip
    at, known = _positions(contacts, found["advocate__contact_id"])
    asked, day = found["asked_on"], day_number(on)
    within = known & (asked > day - settings.asks_days)
    last = np.full(len(contacts), NO_DAY)
    last[at[known]] = asked[known]
    declined = np.full(len(contacts), NO_DAY)
    no = known & (found["code"] == 2)
    declined[at[no]] = np.minimum(found["answered_on"], day)[no]
    stages = dict(only_ids(Advocate.objects.order_by(), "contact_id", wanted).values_list("contact_id", "stage"))
    return _Asks(
        window=np.bincount(at[within], minlength=len(contacts)),
        last=last,
        ever=np.bincount(at[known], minlength=len(contacts)),
        waiting=np.bincount(at[known & (found["code"] == 1)], minlength=len(contacts)),
        declined=declined,
        colleague=_colleagues(found, contacts, accounts, day),
        stages=[stages.get(int(contact), "") for contact in contacts],
    )


def _colleagues(found: dict[str, Ints], contacts: Ints, accounts: Ints, day: int) -> Floats:
    """Days since anybody else of each person's account was asked."""
    newest: dict[int, dict[int, int]] = {}
    for contact, account, asked in zip(
        found["advocate__contact_id"].tolist(), found["advocate__account_id"].tolist(), found["asked_on"].tolist(),
        strict=True,
    ):  # fmt: skip
        newest.setdefault(account, {})[contact] = asked
    since = np.full(len(contacts), np.nan)
    for row in np.flatnonzero(np.isin(accounts, list(newest))) if newest else ():
        others = [asked for contact, asked in newest[int(accounts[row])].items() if contact != contacts[row]]
        if others:
            since[row] = day - max(others)
    return since


def _answers(on: dt.date, ids: Sequence[int] | None, contacts: Ints, accounts: Ints) -> tuple[Floats, Ints, Floats]:
    """The latest NPS answer of each person and its day, and that of each person's account."""
    rows: Any = SurveyAnswer.objects.filter(kind=SurveyAnswer.Kind.NPS, answered_on__lte=on).annotate(
        who=Case(When(contact=None, then=Value(0)), default="contact_id", output_field=BigIntegerField())
    )
    rows = only_ids(rows, "account_id", ids).order_by("answered_on", "pk")
    found = masked(read_columns(rows, account_id="int", who="int", score="int", answered_on="day"), "account_id", ids)
    at, known = _positions(contacts, found["who"])
    own, own_on = np.full(len(contacts), np.nan), np.full(len(contacts), NO_DAY)
    own[at[known]], own_on[at[known]] = found["score"][known], found["answered_on"][known]
    unique, back = np.unique(accounts, return_inverse=True)
    at, known = _positions(unique, found["account_id"])
    latest = np.full(len(unique), np.nan)
    latest[at[known]] = found["score"][known]
    return own, own_on, latest[back] if len(unique) else own


def _bands(on: dt.date, ids: Sequence[int] | None, accounts: Ints) -> Ints:
    """The band in force of each person's account, a person's word before the computed one; −1 for none."""
    code = Case(
        *(When(band=name, then=Value(number)) for number, name in enumerate(BANDS)), output_field=IntegerField()
    )
    found = read_columns(latest_scores(on, ids).annotate(code=code).order_by(), account_id="int", code="int")
    unique, back = np.unique(accounts, return_inverse=True)
    at, known = _positions(unique, found["account_id"])
    bands = np.full(len(unique), -1)
    bands[at[known]] = found["code"][known]
    for account, override in overrides_on(on, ids).items():
        at, known = _positions(unique, np.array([account]))
        if known[0]:
            bands[at[0]] = BANDS.index(override.band)
    return bands[back] if len(unique) else bands


def _tickets(on: dt.date, ids: Sequence[int] | None, accounts: Ints) -> tuple[Ints, Ints]:
    """Tickets open at the end of the day: critical ones, and other grave or escalated ones."""
    end = start_of_day(on + dt.timedelta(days=1), Organisation.load().zone)
    still = Q(resolved_at=None) | Q(resolved_at__gte=end)
    critical = Q(severity=Ticket.Severity.CRITICAL)
    grave = Q(severity__in=GRAVE) | Q(is_escalated=True)
    rows = only_ids(Ticket.objects.filter(still & grave, opened_at__lt=end), "account_id", ids).order_by()
    counts = rows.values("account_id").annotate(
        critical=Count("pk", filter=critical), trouble=Count("pk", filter=~critical)
    )
    found = read_columns(counts, account_id="int", critical="int", trouble="int")
    return _spread(accounts, found["account_id"], found["critical"]), _spread(
        accounts, found["account_id"], found["trouble"]
    )


def _renewals(on: dt.date, ids: Sequence[int] | None, accounts: Ints) -> Floats:
    """Days to the end of what each account pays for; the nearest open renewal where that is earlier; nan for none.

    An end whose renewal is won is no longer ahead, even before the next contract line is in. Days count from 1970 here
    as in the ledger, and no end is later than every day in both.
    """
    day = day_number(on)
    of_chain, ends = chains(ids).current(on)
    won = read_columns(
        only_ids(Renewal.objects.filter(stage=Renewal.Stage.WON, due_on__gte=on), "account_id", ids).order_by(),
        account_id="int", due_on="day",
    )  # fmt: skip
    settled = set(zip(won["account_id"].tolist(), won["due_on"].tolist(), strict=True))
    keep = [row for row, pair in enumerate(zip(of_chain.tolist(), ends.tolist(), strict=True)) if pair not in settled]
    ahead = Renewal.objects.open().filter(due_on__gte=on - dt.timedelta(days=OVERDUE_DAYS))
    talks = read_columns(only_ids(ahead, "account_id", ids).order_by(), account_id="int", due_on="day")
    unique, back = np.unique(accounts, return_inverse=True)
    nearest = np.full(len(unique), NO_DAY)
    for account, due in ((of_chain[keep], ends[keep]), (talks["account_id"], talks["due_on"])):
        at, known = _positions(unique, account)
        np.minimum.at(nearest, at[known], due[known])
    left = np.where(nearest == NO_DAY, np.nan, (nearest - day).astype(float))
    return left[back] if len(unique) else left


def _consents(on: dt.date, wanted: Sequence[int] | None, contacts: Ints, kind: str = "") -> Flags:
    """Who has a consent in force, to anything or to one kind of ask where it is heard."""
    rows: Any = Consent.objects.in_force_on(on)
    if kind:
        rows = rows.covering(kind, CHANNEL_OF[kind])
    found = only_ids(rows, "contact_id", wanted).order_by().values_list("contact_id", flat=True).distinct()
    return np.isin(contacts, np.fromiter(found, dtype=np.int64))


def _gone(ids: Sequence[int] | None) -> Ints:
    """The accounts that are no customers any more."""
    rows = only_ids(Account.objects.filter(stage=Account.Stage.CHURNED), "pk", ids).order_by()
    return np.fromiter(rows.values_list("pk", flat=True), dtype=np.int64)


def _spread(accounts: Ints, of: Ints, values: Ints) -> Ints:
    """Give each person the number of their account, 0 where it has none."""
    unique, back = np.unique(accounts, return_inverse=True)
    at, known = _positions(unique, of)
    full = np.zeros(len(unique), dtype=np.int64)
    full[at[known]] = values[known]
    return full[back] if len(unique) else full


def _positions(ids: Ints, wanted: Ints) -> tuple[Ints, Flags]:
    """Where ids stand among sorted ones, and which of them do."""
    if not len(ids):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=bool)
    at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return at, ids[at] == wanted
