"""Is the product used less, more narrowly, or not at all?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
from django.db.models import BigIntegerField, Count, Exists, F, Max, Min, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Cast, Coalesce

from accounts.models import Account
from common.columns import NO_DAY
from health.queries.indicators.book import Book, Ints
from health.queries.indicators.usage import entitled_features
from health.queries.measures.measured import Measured
from health.rules import warnings as rules
from health.rules.score import Flags
from health.rules.warnings import Test
from usage.models import AccountFeatureUse, AccountUsageDay, Feature, FeatureUsageDay, Milestone, MilestoneReached

EPOCH = dt.date(1970, 1, 1)


def silence(book: Book, test: Test) -> Measured:
    """Days without a login, up to the last day on which the feed was heard; not known of who was never heard."""
    last, heard = _last_used(book)
    values = rules.days_of_silence(last, heard, _feed_day(book))
    return Measured(values, days={"last_on": last})


def active_days(book: Book, test: Test) -> Measured:
    """Days with a login in the window that ends with the feed."""
    sums = _two_windows(book, test.days or 30)
    return Measured(np.where(sums["heard"] > 0, sums["active_now"].astype(float), np.nan))


def use_change(book: Book, test: Test) -> Measured:
    """All use of the window against the same number of days before it."""
    return _change(book, test, "events")


def core_change(book: Book, test: Test) -> Measured:
    """Use of core features in the window against the same number of days before it."""
    return _change(book, test, "core")


def only_basic(book: Book, test: Test) -> Measured:
    """1 where only basic features were used in the window, 0 where others were too; not known without use."""
    used = _used(book, test.days or 30, 0)
    deeper = book.catalogue.kinds != Feature.Kind.BASIC
    any_use = used.any(axis=1)
    values = np.where(any_use & deeper.any(), (~used[:, deeper].any(axis=1)).astype(float), np.nan)
    return Measured(values)


def modules_used(book: Book, test: Test) -> Measured:
    """Modules used in the window, where the account may use more than that."""
    now = _by_module(book, _used(book, test.days or 30, 0)).sum(axis=1)
    entitled = _by_module(book, entitled_features(book)).sum(axis=1)
    return Measured(rules.narrow_use(now, entitled), {"entitled": entitled})


def modules_lost(book: Book, test: Test) -> Measured:
    """Modules used in the window before and no longer in this one."""
    days = test.days or 30
    now, before = (_by_module(book, _used(book, days, back)) for back in (0, 1))
    _last, heard = _last_used(book)
    values = rules.lost_modules(before, now, heard)
    return Measured(values, {"now": now.sum(axis=1), "before": before.sum(axis=1)})


def core_process_late(book: Book, test: Test) -> Measured:
    """Days since signing without the milestone that means the core process; not known where there is none such."""
    core = list(Milestone.objects.filter(is_core_process=True).values_list("pk", flat=True))
    if not core:
        return Measured(np.full(len(book.ids), np.nan))
    rows = book.only(MilestoneReached.objects.filter(milestone__in=core, on__lte=book.on)).values("account_id")
    reached = book.per_account(rows.annotate(first=Max("on")), first="day")["known"] > 0
    return Measured(rules.days_late(book.signed, reached, book.day, NO_DAY), days={"signed_on": book.signed})


def milestones_reached(book: Book, test: Test) -> Measured:
    """How many milestones were reached by the day; none is 0."""
    rows = book.only(MilestoneReached.objects.filter(on__lte=book.on)).values("account_id")
    return Measured(book.per_account(rows.annotate(count=Count("pk")), count="int")["count"].astype(float))


def _change(book: Book, test: Test, name: str) -> Measured:
    sums = _two_windows(book, test.days or 30)
    now, before = sums[f"{name}_now"], sums[f"{name}_before"]
    return Measured(rules.change_in_percent(now, before, test.minimum or 1), {"now": now, "before": before})


def _feed_day(book: Book) -> int | None:
    """The last day on which the feed said anything of anybody: all windows of use end there.

    A feed of one account alone cannot be told from the account, so there the day itself counts.
    """

    def read() -> int | None:
        newest = book.newest_usage[0]
        if newest is None:
            return None
        heard = AccountUsageDay.objects.filter(day__lte=book.on, events__gt=0).order_by()
        first = heard.aggregate(first=Min("account_id"))["first"]
        return newest if heard.filter(account_id__gt=first).exists() else book.day

    return book.once("feed_day", read)


def _window(book: Book, days: int, back: int) -> tuple[dt.date, dt.date]:
    """First and last day of the window that ends with the feed, or of one so many windows before."""
    feed = _feed_day(book)
    end = EPOCH + dt.timedelta(days=(book.day if feed is None else feed) - days * back)
    return end - dt.timedelta(days=days - 1), end


def _last_used(book: Book) -> tuple[Ints, Flags]:
    """The last day of use of each account up to the day, and who was ever heard."""

    def read() -> tuple[Ints, Flags]:
        used = AccountUsageDay.objects.filter(account_id=OuterRef("pk"), day__lte=book.on, events__gt=0)
        newest = Subquery(used.order_by("-day").values("day")[:1])
        rows = book.only(Account.objects.all(), "pk").values(account_id=F("pk")).annotate(last=newest)
        last = book.per_account(rows, empty=NO_DAY, last="day")["last"]
        return last, last != NO_DAY

    return book.once("last_used", read)


def _two_windows(book: Book, days: int) -> dict[str, Ints]:
    """What the days of a window and of the one before it add up to."""

    def read() -> dict[str, Ints]:
        first, last = _window(book, days, 0)
        begin, _end = _window(book, days, 1)
        rows = book.only(AccountUsageDay.objects.filter(day__gte=begin, day__lte=last, events__gt=0))
        now = Q(day__gte=first)
        found = book.per_account(
            rows.values("account_id").annotate(
                events_now=_sum("events", now),
                events_before=_sum("events", ~now),
                core_now=_sum("core_events", now),
                core_before=_sum("core_events", ~now),
                active_now=Count("pk", filter=now),
            ),
            events_now="int",
            events_before="int",
            core_now="int",
            core_before="int",
            active_now="int",
        )
        found["heard"] = _last_used(book)[1].astype(np.int64)
        return found

    return book.once(("two_windows", days), read)


def _sum(name: str, when: Q) -> Cast:
    """Add a column up over the days of a window, as a whole number."""
    return Cast(Coalesce(Sum(name, filter=when), 0), BigIntegerField())


def _used(book: Book, days: int, back: int) -> Flags:
    """Which features each account used in a window (accounts × features)."""

    def read() -> Flags:
        first, last = _window(book, days, back)
        rows = book.only(AccountFeatureUse.objects.filter(first_on__lte=last, last_on__gte=first))
        told = Q(last_on__range=(first, last)) | Q(first_on__range=(first, last))
        # Used before and after the window: only the days themselves know whether also in it.
        within = FeatureUsageDay.objects.filter(
            account_id=OuterRef("account_id"), feature_id=OuterRef("feature_id"), day__range=(first, last)
        )
        return book.flags(rows, "feature_id", book.catalogue.features, told | Q(Exists(within)))[0]

    return book.once(("used", days, back), read)


def _by_module(book: Book, features: Flags) -> Flags:
    """Turn accounts × features into accounts × modules."""

    def read() -> Ints:
        modules = dict(Feature.objects.order_by("pk").values_list("pk", "module_id"))
        return np.array([modules[feature] for feature in book.catalogue.features.tolist()], dtype=np.int64)

    module_of = book.once("module_of", read)
    found = np.zeros((len(features), len(np.unique(module_of))), dtype=bool)
    for column, module in enumerate(np.unique(module_of)):
        found[:, column] = features[:, module_of == module].any(axis=1)
    return found


def at_day(book: Book, on: dt.date) -> Book:
    """The same accounts on another day."""
    return replace(book, on=on)


def module_numbers(book: Book, days: int) -> tuple[Ints, Ints]:
    """How many of the modules that each account's contract gives it used in the window, and how many it gives."""
    entitled = _by_module(book, entitled_features(book))
    used = _by_module(book, _used(book, days, 0) & entitled_features(book))
    return (used & entitled).sum(axis=1), entitled.sum(axis=1)
