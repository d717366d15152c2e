"""What stands at the top of every page of an account?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, Organisation, User
from accounts.queries.accounts import with_owner
from accounts.rules.roles import Capability
from common import charts
from common.charts import Chart, Zone
from common.formats import number
from health.models import TONES, EarlyWarning, HealthOverride, HealthScore
from portfolio.models import AccountRow
from portfolio.models.reasons import sentence
from revenue.models import Renewal

WEEKS = 26
LINE_WEEKS = 12
WEEK = dt.timedelta(weeks=1)
# The points at which the shipped scorecard changes colour; a page with the scorecard at hand uses its own.
YELLOW, GREEN = 50.0, 75.0
# A score older than this many days is marked (UX.md X13).
FRESH_DAYS = 1
# The stage that one click leads to.
NEXT_STAGE = {Renewal.Stage.NOT_STARTED: Renewal.Stage.IN_TALKS, Renewal.Stage.IN_TALKS: Renewal.Stage.COMMITTED}


@dataclass(frozen=True)
class Owner:
    """The CSM of an account, as far as a head needs them."""

    pk: int
    name: str


@dataclass(frozen=True)
class Reading:
    """The score of one day, without what it was made of."""

    pk: int
    on: dt.date
    score: Decimal | None
    band: str

    @property
    def tone(self) -> str:
        """The colour and shape of its band."""
        return TONES[self.band]

    @property
    def label(self) -> str:
        """The word for its band."""
        return str(HealthScore.Band(self.band).label)

    @property
    def shown(self) -> Decimal | None:
        """The score to show: what too little was measured for is no score."""
        return None if self.band == HealthScore.Band.UNKNOWN else self.score


@dataclass(frozen=True)
class ByHand:
    """The band that a person set in place of the computed one, and when it ends."""

    band: str
    ends_on: dt.date

    @property
    def tone(self) -> str:
        """The colour and shape of the band."""
        return TONES[self.band]

    @property
    def label(self) -> str:
        """The word for the band."""
        return str(HealthScore.Band(self.band).label)


@dataclass(frozen=True)
class OpenRenewal:
    """The next end of contract that is talked about."""

    pk: int | None
    due_on: dt.date
    days_left: int
    stage: str

    @property
    def stage_label(self) -> str:
        """How far the talks are, in words."""
        return str(Renewal.Stage(self.stage).label) if self.stage else ""

    @property
    def next_stage(self) -> str:
        """The stage that one click leads to, or none."""
        return NEXT_STAGE.get(Renewal.Stage(self.stage), "") if self.stage else ""

    @property
    def tone(self) -> str:
        """How pressing the day is, given how far the talks are."""
        if self.stage == Renewal.Stage.COMMITTED:
            return "none"
        talks = self.stage == Renewal.Stage.IN_TALKS
        return "risk" if self.days_left <= (30 if talks else 90) else "watch" if self.days_left <= 90 else "none"


@dataclass(frozen=True)
class AccountHead:
    """An account in one glance; what is not known, or not for this person to see, is None or empty."""

    account: Account
    organisation: Organisation
    on: dt.date
    stage: str
    tier: str
    owner: Owner | None
    may_edit: bool
    may_assign: bool
    may_edit_revenue: bool
    sees_money: bool
    tags: tuple[str, ...] = ()
    parent: Account | None = None
    children: int = 0
    arr: Decimal | None = None
    currency: str = ""
    renewal: OpenRenewal | None = None
    readings: tuple[Reading, ...] = ()
    reasons: tuple[str, ...] = ()
    lost_champion: tuple[dt.date, str] | None = None
    by_hand: ByHand | None = None
    # How many warnings stand: who has none is not asked for them.
    warning_count: int = 0
    spark: Chart | None = field(default=None, compare=False)

    @property
    def latest(self) -> Reading | None:
        """The newest reading."""
        return self.readings[-1] if self.readings else None

    @property
    def is_old(self) -> bool:
        """Whether the score is older than a day."""
        return self.latest is not None and (self.on - self.latest.on).days > FRESH_DAYS

    @property
    def week_before(self) -> Reading | None:
        """The reading that the change since last week is counted from."""
        return self.reading_before(WEEK)

    @property
    def change(self) -> Decimal | None:
        """Points won or lost since last week."""
        before = self.week_before
        if self.latest is None or before is None or self.latest.shown is None or before.shown is None:
            return None
        return self.latest.shown - before.shown

    @property
    def spark_label(self) -> str:
        """What the small line shows, in words."""
        known = [score for score in weekly(self.readings, self.on, LINE_WEEKS) if score is not None]
        if not known:
            return ""
        words = {"first": number(known[0]), "last": number(known[-1])}
        return _("Health from %(first)s to %(last)s in 12 weeks") % words

    def reading_before(self, span: dt.timedelta) -> Reading | None:
        """The last reading at least so long before the newest one."""
        if self.latest is None:
            return None
        return next((one for one in reversed(self.readings) if one.on <= self.latest.on - span), None)


def account_head(account: Account, user: User, on: dt.date, *, organisation: Organisation | None = None) -> AccountHead:
    """Read the head of an account for a person on a day, in three queries."""
    rows = Account.objects.filter(pk=account.pk)
    return _head(_facts(rows, user, on).get(), user, on, organisation or Organisation.load())


def find_head(account_id: int, user: User, on: dt.date, *, organisation: Organisation) -> AccountHead | None:
    """Find an account that a person may see, with its head, in the same three queries; None where there is none."""
    facts = _facts(Account.objects.visible_to(user).filter(pk=account_id), user, on).first()
    return _head(facts, user, on, organisation) if facts else None


def _head(account: Any, user: User, on: dt.date, organisation: Organisation) -> AccountHead:
    """Put a head together from an account that was read with the facts about it."""
    row: AccountRow | None = getattr(account, "row", None)
    readings = _readings(account, on)
    sees_money = user.can(Capability.SEE_MONEY)
    return AccountHead(
        account=account,
        organisation=organisation,
        on=on,
        stage=account.get_stage_display(),
        tier=organisation.tier_labels().get(account.tier, account.get_tier_display()),
        owner=Owner(account.owner_id, account.owner_name) if account.owner_id else None,
        may_edit=user.can(Capability.EDIT_ACCOUNTS),
        may_assign=user.can(Capability.ASSIGN_OWNERS),
        may_edit_revenue=sees_money and user.can(Capability.EDIT_REVENUE),
        sees_money=sees_money,
        tags=tuple(account.tags.values_list("name", flat=True)),
        parent=account.parent if account.sees_parent else None,
        children=account.child_count or 0,
        arr=row.arr if row and sees_money else None,
        currency=organisation.reporting_currency,
        renewal=_renewal(account, row, on),
        readings=readings,
        reasons=tuple(sentence(**driver) for driver in row.drivers[:3]) if row else (),
        lost_champion=(_day(account.champion["left_on"]), account.champion["name"]) if account.champion else None,
        by_hand=ByHand(account.by_hand["band"], _day(account.by_hand["ends_on"])) if account.by_hand else None,
        warning_count=account.warning_count or 0,
        spark=charts.sparkline(weekly(readings, on, LINE_WEEKS), zones(), width=120, height=32) if readings else None,
    )


def _facts(among: QuerySet[Account], user: User, on: dt.date) -> QuerySet[Any]:
    """Accounts with what the head needs of other tables, in one query."""
    seen = Account.objects.visible_to(user)
    children = seen.filter(parent=OuterRef("pk")).order_by().values("parent").annotate(n=Count("pk")).values("n")
    renewal = Renewal.objects.filter(account=OuterRef("pk"), stage__in=Renewal.OPEN).order_by("due_on", "pk")
    left = _champions_left(on)
    by_hand = HealthOverride.objects.active_on(on).filter(account=OuterRef("pk")).order_by("-made_at")
    warned = EarlyWarning.objects.unresolved().filter(account=OuterRef("pk")).order_by().values("account")
    rows = with_owner(among.select_related("row", "parent"), on)
    return rows.annotate(
        sees_parent=Exists(seen.filter(pk=OuterRef("parent_id"))),
        child_count=Subquery(children),
        warning_count=Subquery(warned.annotate(n=Count("pk")).values("n")),
        talks=_first_of(renewal, "pk", "due_on", "stage"),
        by_hand=_first_of(by_hand, "band", "ends_on"),
        champion=_first_of(left, "left_on", "name"),
    )


def _first_of(rows: QuerySet[Any], *names: str) -> Subquery:
    """Some fields of the first row, or None: a subquery for each would take longer to write than to answer."""
    return Subquery(rows.values(fields=JSONObject(**{name: name for name in names}))[:1])


def _champions_left(on: dt.date) -> QuerySet[Contact]:
    roles = (Contact.Role.CHAMPION, Contact.Role.DECISION_MAKER)
    span = (on - WEEKS * WEEK, on)
    return Contact.objects.filter(account=OuterRef("pk"), role__in=roles, left_on__range=span).order_by("-left_on")


def _renewal(facts: Any, row: AccountRow | None, on: dt.date) -> OpenRenewal | None:
    """The open talks; without any, the end that the contract lines give."""
    if facts.talks:
        due = _day(facts.talks["due_on"])
        return OpenRenewal(facts.talks["pk"], due, (due - on).days, facts.talks["stage"])
    if row and row.renewal_on:
        return OpenRenewal(None, row.renewal_on, (row.renewal_on - on).days, "")
    return None


def _day(text: str) -> dt.date:
    """A day as JSON holds it."""
    return dt.date.fromisoformat(text)


def _readings(account: Account, on: dt.date) -> tuple[Reading, ...]:
    """The scores of the last half year, oldest first."""
    rows = HealthScore.objects.filter(account=account, on__gt=on - WEEKS * WEEK - WEEK, on__lte=on).order_by("on")
    return tuple(Reading(*row) for row in rows.values_list("pk", "on", "score", "band"))


def weekly(readings: Sequence[Reading], on: dt.date, weeks: int = WEEKS) -> list[Decimal | None]:
    """The last score of each of the weeks that end on a day, oldest first; None where there was none."""
    found: list[Decimal | None] = [None] * weeks
    for reading in readings:
        back = (on - reading.on).days // 7
        if 0 <= back < weeks and reading.shown is not None:
            found[weeks - 1 - back] = reading.shown
    return found


def zones(yellow: float = YELLOW, green: float = GREEN) -> tuple[Zone, ...]:
    """The three bands behind a score's line."""
    return (
        Zone(0, yellow, "risk", str(HealthScore.Band.RED.label)),
        Zone(yellow, green, "watch", str(HealthScore.Band.YELLOW.label)),
        Zone(green, 100.01, "healthy", str(HealthScore.Band.GREEN.label)),
    )
