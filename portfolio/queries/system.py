"""How does the installation itself fare: what arrives, what waits, what failed, who is unprotected, what is kept?"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import platform
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import TZPATH

import django
from django.conf import settings
from django.db import connection
from django.db.models import F, Max, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Attachment, Organisation, User
from common import charts
from common.charts import Chart, Group, Item
from common.formats import clock, date, number
from common.jobs import clock_moved_back, is_working
from common.models import Job
from health.models import ChurnRisk, HealthScore
from portfolio.models import BookImport
from portfolio.rules.system import source_state, waiting_at
from revenue.models import ExchangeRate
from usage.models import AccountUsageDay, Reading, SurveyAnswer, Ticket, WaitingEvent

DAYS, HOURS = 14, 24
HOUR = dt.timedelta(hours=1)
SHOWN_PEOPLE = 12
# A backup is due each night; from the second missing one on it is a danger.
BACKUP_DAYS = 1
# Recovery codes alone are no factor.
FACTORS = ("totp", "webauthn")
TONES = {"fresh": "healthy", "old": "watch", "late": "risk", "none": "none"}


@dataclass(frozen=True)
class Source:
    """What comes in from one side: the day of its newest fact, how often it should come, and what lives on it."""

    name: str
    on: dt.date | None
    age: int | None
    expected: int
    feeds: str

    @property
    def state(self) -> str:
        """Whether it comes as it should: fresh, old, late, none."""
        return source_state(self.age, self.expected)

    @property
    def tone(self) -> str:
        """The colour and shape of its state."""
        return TONES[self.state]

    @property
    def word(self) -> str:
        """Its state in a word."""
        return {"fresh": _("Fresh"), "old": _("Old"), "late": _("Late"), "none": _("Nothing yet")}[self.state]


@dataclass(frozen=True)
class Work:
    """The background work: whether it runs, what waits, what was given up."""

    is_running: bool
    is_clock_back: bool
    waiting: int
    oldest: dt.datetime | None
    parked: int
    depth: Chart
    depth_title: str
    errors: Chart
    errors_title: str


@dataclass(frozen=True)
class Backup:
    """The newest backup that lies where backups are looked for."""

    folder: str
    at: dt.datetime | None
    age: int | None
    bytes: int

    @property
    def tone(self) -> str:
        """How much of a danger its age is."""
        return TONES[source_state(self.age, BACKUP_DAYS)] if self.at else "risk"


@dataclass(frozen=True)
class Storage:
    """How much room the installation takes, and how much is left."""

    database: int | None
    files: int
    free: int


@dataclass(frozen=True)
class SystemHealth:
    """Everything that an admin sees first."""

    at: dt.datetime
    sources: Sequence[Source]
    ages: Chart
    ages_title: str
    waiting_events: int
    work: Work
    unprotected: Sequence[User]
    unprotected_count: int
    people_count: int
    backup: Backup
    storage: Storage
    versions: Sequence[tuple[str, str]]

    @property
    def late(self) -> int:
        """How many sources are late."""
        return sum(source.state == "late" for source in self.sources)


def system_health(at: dt.datetime) -> SystemHealth:
    """Read how the installation fares at a time."""
    organisation = Organisation.load()
    found = sources(organisation, at)
    people = without_second_factor()
    return SystemHealth(
        at=at,
        sources=found,
        ages=_ages_chart(found),
        ages_title=_ages_title(found),
        waiting_events=WaitingEvent.objects.count(),
        work=_work(organisation, at),
        unprotected=people[:SHOWN_PEOPLE],
        unprotected_count=len(people),
        people_count=User.objects.active().count(),
        backup=newest_backup(Path(settings.BACKUP_DIR), at),
        storage=_storage(),
        versions=_versions(),
    )  # fmt: skip


def _ages_title(found: Sequence[Source]) -> str:
    states = [source.state for source in found]
    late, old = states.count("late"), states.count("old")
    if late:
        return ngettext("%(num)s source is late", "%(num)s sources are late", late) % {"num": number(late)}
    if old:
        words = ngettext("%(num)s source is older than usual", "%(num)s sources are older than usual", old)
        return words % {"num": number(old)}
    return _("All that comes in is as new as it should be")


def sources(organisation: Organisation, at: dt.datetime) -> list[Source]:
    """List what comes in or is made each night, with the day of its newest fact; a query each."""
    on = organisation.day_of(at)
    health = _("Health scores, warnings, Today")
    newest: list[tuple[str, Any, str, int, str]] = [
        (_("Product events"), AccountUsageDay.objects.filter(day__lte=on), "day", 3, health),
        (_("Readings"), Reading.objects.filter(on__lte=on), "on", 31, _("Indicators and warnings made of them")),
        (_("Tickets"), Ticket.objects.filter(opened_at__lte=at), "opened_at", 7, _("Health scores, complaints")),
        (_("Survey answers"), SurveyAnswer.objects.filter(answered_on__lte=on), "answered_on", 30, _("NPS, promoters")),
        (_("Exchange rates"), ExchangeRate.objects.filter(on__lte=on), "on", 31, _("All amounts in other currencies")),
        (_("Imports"), BookImport.objects.filter(result__isnull=False), "finished_at", 31, _("Accounts and contracts")),
        (_("Health scores"), HealthScore.objects.all(), "on", 1, _("Lists, Today, playbooks")),
        (_("Churn risks"), ChurnRisk.objects.all(), "on", 2, _("Risk on the account page")),
    ]
    return [
        _source(organisation, on, name, rows.aggregate(last=Max(column))["last"], days, feeds)
        for name, rows, column, days, feeds in newest
    ]


def _source(organisation: Organisation, on: dt.date, name: str, last: Any, days: int, feeds: str) -> Source:
    day = organisation.day_of(last) if isinstance(last, dt.datetime) else last
    return Source(name, day, None if day is None else max((on - day).days, 0), days, feeds)


def _ages_chart(found: Sequence[Source]) -> Chart:
    groups = [
        Group(one.name, one.age, target=one.expected if one.age is not None else None, note=one.word) for one in found
    ]
    heads = (_("Source"), _("Days old"), _("Before"), _("Usual, days"), _("State"))
    return charts.comparison(groups, heads=heads, is_less_better=True)


def without_second_factor() -> list[User]:
    """Who may sign in without a second factor, those first whose role must have one."""
    people = list(User.objects.active().exclude(authenticator__type__in=FACTORS).order_by("name", "pk"))
    return sorted(people, key=lambda person: person.role not in settings.SECOND_FACTOR_ROLES)


def _work(organisation: Organisation, at: dt.datetime) -> Work:
    due = Job.objects.unfinished().filter(Q(run_after=None) | Q(run_after__lte=at))
    oldest = due.order_by("pk").values_list("created_at", flat=True).first()
    hours = [at - HOUR * back for back in range(HOURS, -1, -1)]
    depth = waiting_at(_spans(hours[0], at), hours)
    errors, done = _errors(organisation, at)
    given_up = sum(errors.values())
    days = [organisation.day_of(at) - dt.timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    words = {"num": number(given_up), "done": number(done)}
    return Work(
        is_running=is_working(at),
        is_clock_back=clock_moved_back(at),
        waiting=due.count(),
        oldest=oldest,
        parked=Job.objects.parked().count(),
        depth=charts.line(
            [clock(hour) for hour in hours], depth, heads=(_("At"), _("Waiting")), floor=0, ceiling=None,
            least=max(max(depth) * 0.56, 2),
        ),
        depth_title=_depth_title(max(depth)),
        errors=charts.bars(
            [Item(date(day, "day"), errors.get(day, 0)) for day in days], heads=(_("Day"), _("Given up")), height=180
        ),
        errors_title=ngettext(
            "%(num)s piece of work was given up in 14 days, of %(done)s done",
            "%(num)s pieces of work were given up in 14 days, of %(done)s done",
            given_up,
        ) % words if given_up else _("No work was given up in 14 days"),
    )  # fmt: skip


def _depth_title(most: int) -> str:
    if not most:
        return _("Nothing waited in 24 hours")
    words = ngettext(
        "At most %(num)s piece of work waited at once in 24 hours",
        "At most %(num)s pieces of work waited at once in 24 hours",
        most,
    )
    return words % {"num": number(most)}


def _spans(since: dt.datetime, at: dt.datetime) -> list[tuple[dt.datetime, dt.datetime | None]]:
    """When each piece of work could begin and when it was over, of those that were not over before a time."""
    rows = Job.objects.filter(Q(finished_at=None) | Q(finished_at__gte=since)).order_by()
    begun = rows.annotate(begin=Coalesce(F("run_after"), F("created_at"))).filter(begin__lte=at)
    return list(begun.values_list("begin", "finished_at"))


def _errors(organisation: Organisation, at: dt.datetime) -> tuple[Counter[dt.date], int]:
    """The work that was given up on each of the last days, and how much was done in them."""
    ended = Job.objects.filter(finished_at__gte=at - dt.timedelta(days=DAYS), finished_at__lte=at).order_by()
    parked = ended.filter(state=Job.State.PARKED).values_list("finished_at", flat=True)
    days = Counter(organisation.day_of(moment) for moment in parked if moment is not None)
    return days, ended.filter(state=Job.State.DONE).count()


def newest_backup(folder: Path, at: dt.datetime) -> Backup:
    """Find the newest file of the folder that backups are put into."""
    files = [path.stat() for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    if not files:
        return Backup(str(folder), None, None, 0)
    newest = max(files, key=lambda stat: stat.st_mtime)
    made = dt.datetime.fromtimestamp(newest.st_mtime, tz=dt.UTC)
    return Backup(str(folder), made, max((at - made).days, 0), newest.st_size)


def _storage() -> Storage:
    kept = Attachment.objects.aggregate(size=Sum("size"))["size"] or 0
    return Storage(database=_database_size(), files=kept, free=shutil.disk_usage(settings.DATA_DIR).free)


def _database_size() -> int | None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _versions() -> list[tuple[str, str]]:
    vendor = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(connection.vendor, connection.vendor)
    parts = [
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        (vendor, ".".join(str(part) for part in connection.get_database_version())),
    ]
    return [
        *((_("Version of %(name)s") % {"name": name}, version) for name, version in parts),
        (_("Time zones"), zones_version()),
        (_("Time zone"), str(timezone.get_current_timezone())),
    ]


def zones_version() -> str:
    """Name the edition of the time zone database that days are counted by."""
    for folder in TZPATH:
        path = Path(folder) / "tzdata.zi"
        if path.is_file():
            with path.open(encoding="ascii", errors="replace") as lines:
                return lines.readline().removeprefix("# version ").strip()
    try:
        return importlib.metadata.version("tzdata")
    except importlib.metadata.PackageNotFoundError:
        return _("unknown")
