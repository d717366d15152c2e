"""Which accounts does the list show, in which columns, and what stands above them?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.core.cache import cache
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Account, CustomField, SavedView, User
from accounts.rules.roles import Capability
from common import charts, keyset
from common.charts import Chart
from common.formats import money, number
from common.tables import Column
from common.templating import query_with
from health.models import TONES, HealthScore
from portfolio.filters import CUSTOM_PREFIX, DEFAULT_SORT, SORTS, AccountRowFilters, filters_for
from portfolio.models import AccountRow
from portfolio.queries.rows import BANDS, BandCount, count_bands, owners_to_choose, visible_rows
from portfolio.queries.saved_views import OpenView, open_view

PAGE_SIZE = 50
# Seconds for which the values offered by a drop-down filter are kept per person.
CHOICES_KEPT = 300
COLUMNS = (
    Column("name", gettext_lazy("Account"), sort="name"),
    Column("band", gettext_lazy("Health"), sort="health"),
    Column("trend", gettext_lazy("12 weeks")),
    Column("arr", gettext_lazy("ARR"), sort="arr", align="end", first="down"),
    Column("renewal_on", gettext_lazy("Renewal"), sort="renewal"),
    Column("reason", gettext_lazy("Main reason")),
    Column("owner_name", gettext_lazy("Owner")),
    Column("tier", gettext_lazy("Tier")),
    Column("purchase_level", gettext_lazy("Purchase level")),
    Column("stage", gettext_lazy("Stage")),
    Column("industry", gettext_lazy("Industry")),
    Column("region", gettext_lazy("Region")),
    Column("touched_on", gettext_lazy("Last touch")),
    Column("external_id", gettext_lazy("External id")),
)
# So many rows found by a search are named by their ids.
NAMED = 2_000
DEFAULT_COLUMNS = ("name", "band", "trend", "arr", "renewal_on", "reason", "owner_name")
MONEY_COLUMNS = ("arr",)
# The filters that always stand above the list; the others open on demand.
FIRST_FILTERS = ("q", "tier", "stage", "owner")


# The columns whose cells can be changed where they stand; the owner by who may give accounts to somebody.
EDITABLE = ("owner_name", "stage", "tier", "purchase_level", "industry", "region")


def editable_columns(user: User) -> tuple[str, ...]:
    """The columns whose cells a person may change."""
    if not user.can(Capability.EDIT_ACCOUNTS):
        return ()
    return EDITABLE if user.can(Capability.ASSIGN_OWNERS) else EDITABLE[1:]


@dataclass(frozen=True)
class Listing:
    """One page of the account list."""

    filters: AccountRowFilters
    columns: Sequence[Column]
    all_columns: Sequence[Column]
    page: keyset.Page[AccountRow]
    count: int
    sort: str
    currency: str
    on: dt.date
    bands: Sequence[BandCount]
    owners: Sequence[tuple[int, str]]
    may_edit: bool
    editable: Sequence[str]
    may_import: bool
    may_export: bool
    may_share: bool
    view: OpenView | None

    @property
    def applied(self) -> int:
        """How many filters are set."""
        return len(self._set_filters())

    @property
    def applied_more(self) -> int:
        """How many of the filters behind “More filters” are set."""
        return len(self._set_filters() - {*FIRST_FILTERS, "band"})

    @property
    def more_filters(self) -> list[str]:
        """The filters that stand behind “More filters”."""
        return [name for name in self.filters.filters if name not in (*FIRST_FILTERS, "sort")]

    @property
    def first_filters(self) -> tuple[str, ...]:
        """The filters that always stand above the list."""
        return FIRST_FILTERS

    @property
    def hides_churned(self) -> bool:
        """Whether customers who left are out because nobody asked for them."""
        return hides_churned(self.filters.data)

    @property
    def count_text(self) -> str:
        """How many accounts match, in words."""
        return ngettext("%(count)s account", "%(count)s accounts", self.count) % {"count": number(self.count)}

    @property
    def stages(self) -> list[tuple[str, Any]]:
        """The stages that a bulk change offers."""
        return list(Account.Stage.choices)

    def strip(self, query: QueryDict) -> Chart:
        """The picture of the bands: a part's address filters by it, the chosen one's takes the filter away."""
        chosen = query.getlist("band")
        return charts.strip(
            [
                charts.Part(
                    value=band.accounts,
                    tone=TONES[band.band],
                    label=str(HealthScore.Band(band.band).label),
                    text="" if band.arr is None else money(band.arr, self.currency),
                    href=query_with(query, band=None if chosen == [band.band] else band.band, after=None),
                    selected=band.band in chosen,
                )
                for band in self.bands
            ],
            heads=(_("Health"), _("Accounts")),
        )

    def view_query(self, query: QueryDict) -> str:
        """The address to keep in a saved view: everything but the place in the list."""
        return query_with(query, after=None, view=None).lstrip("?")

    def _set_filters(self) -> set[str]:
        return {name for name in self.filters.filters if name != "sort" and any(self.filters.data.getlist(name))}


def offer_choices(filters: AccountRowFilters, user: User, csms: Sequence[tuple[int, str]]) -> None:
    """Fill the drop-down filters with what this person's own list holds: nobody learns an industry from a filter."""
    fields = filters.form.fields
    for name in ("industry", "region"):
        fields[name].widget = drop_down(user, name)
    owners = [("", _("Anyone")), ("me", _("Me")), ("none", _("Nobody")), *csms]
    fields["owner"].widget = forms.Select(choices=owners)


def drop_down(user: User, name: str) -> forms.Select:
    """A drop-down of what this person's own list holds."""
    kept = cache.get_or_set(f"choices:{name}:{user.pk}", partial(_distinct, user, name), CHOICES_KEPT)
    found: list[str] = kept or []
    return forms.Select(choices=[("", _("Any")), *((value, value) for value in found)])


def _distinct(user: User, name: str) -> list[str]:
    return list(visible_rows(user).exclude(**{name: ""}).order_by(name).values_list(name, flat=True).distinct()[:200])


def filtered_rows(
    query: QueryDict, user: User, on: dt.date, made: type[AccountRowFilters]
) -> tuple[AccountRowFilters, QuerySet[AccountRow]]:
    """The rows that match an address; a filter that is wrong matches nothing and says why in `filters.errors`."""
    filters = made(query, queryset=visible_rows(user), user=user, on=on)
    if not filters.is_valid():
        return filters, visible_rows(user).none()
    return filters, without_churned(filters.qs, query)


def without_churned(rows: QuerySet[AccountRow], query: QueryDict) -> QuerySet[AccountRow]:
    """Leave out the customers who left, if an address does."""
    return rows.exclude(stage=Account.Stage.CHURNED) if hides_churned(query) else rows


def hides_churned(query: QueryDict) -> bool:
    """Say whether an address leaves out the customers who left: it names no stage and searches for nobody."""
    return not query.get("q") and not any(query.getlist("stage"))


def account_listing(query: QueryDict, user: User, on: dt.date, currency: str) -> Listing:
    """Read one page of the list as its address asks for, with money in the reporting currency."""
    custom_fields = list(CustomField.objects.order_by("position", "label"))
    made = filters_for(user, custom_fields)
    filters, rows = filtered_rows(query, user, on, made)
    csms = owners_to_choose()
    offer_choices(filters, user, csms)
    bands, rows = counted(filters, rows, user)
    sort = query.get("sort") or DEFAULT_SORT
    sort = sort if sort in SORTS and _may_sort(sort, user) else DEFAULT_SORT
    available = available_columns(custom_fields, user)
    columns = chosen_columns(query, available)
    if any(column.name.startswith(CUSTOM_PREFIX) for column in columns):
        rows = rows.annotate(custom=F("account__custom"))
    return Listing(
        filters=filters,
        columns=columns,
        all_columns=available,
        page=keyset.page(rows, SORTS[sort], cursor=query.get("after", ""), size=PAGE_SIZE),
        count=sum(band.accounts for band in bands if band.band in (query.getlist("band") or BANDS)),
        sort=sort,
        currency=currency,
        on=on,
        bands=bands,
        owners=csms if user.can(Capability.ASSIGN_OWNERS) else [],
        may_edit=user.can(Capability.EDIT_ACCOUNTS),
        editable=editable_columns(user),
        may_import=user.can(Capability.IMPORT_BOOK),
        may_export=user.can(Capability.EXPORT),
        may_share=user.can(Capability.SHARE_WITH_TEAM) and user.team_id is not None,
        view=open_view(query, user),
    )


def matching_accounts(query: QueryDict, user: User, on: dt.date) -> QuerySet[Account]:
    """The accounts behind all rows that match an address, for a change to all of them."""
    _filters, rows = filtered_rows(
        query, user, on, filters_for(user, list(CustomField.objects.order_by("position", "label")))
    )
    return Account.objects.filter(pk__in=rows.order_by().values("pk")).order_by("pk")


def accounts_of_view(view: int, on: dt.date) -> list[int] | None:
    """The accounts that a saved view of this list shows to its owner; None where there is no such view."""
    saved = SavedView.objects.filter(pk=view, page="account_list").select_related("owner").first()
    if saved is None:
        return None
    return list(matching_accounts(QueryDict(saved.query), saved.owner, on).values_list("pk", flat=True))


def available_columns(custom_fields: Iterable[CustomField], user: User) -> list[Column]:
    """The columns that a person may choose from: custom fields too, money only with the right to see it."""
    with_money = user.can(Capability.SEE_MONEY)
    plain = [column for column in COLUMNS if with_money or column.name not in MONEY_COLUMNS]
    return plain + [Column(f"{CUSTOM_PREFIX}{field.key}", field.label) for field in custom_fields]


def chosen_columns(query: QueryDict, available: Sequence[Column]) -> list[Column]:
    """The columns that an address names, in the list's own order; the name always stands first."""
    wanted = {"name", *(query.getlist("columns") or DEFAULT_COLUMNS)}
    return [column.in_words() for column in available if column.name in wanted]


def counted(
    filters: AccountRowFilters, rows: QuerySet[AccountRow], user: User
) -> tuple[list[BandCount], QuerySet[AccountRow]]:
    """Accounts and money per band among what matches, whatever band is chosen; and the rows, found more quickly."""
    if not filters.is_valid():
        return [], rows
    of_all_bands = without_churned(filters.filtered_but("band"), filters.data)
    if filters.form.cleaned_data["q"]:
        # A search reads every row: once, if what it finds is little enough to be named in what is asked next.
        found = list(of_all_bands.order_by().values_list("pk", flat=True)[: NAMED + 1])
        if len(found) <= NAMED:
            of_all_bands = AccountRow.objects.filter(pk__in=found)
            rows = filters.filters["band"].filter(of_all_bands, filters.form.cleaned_data["band"])
    return count_bands(of_all_bands, with_money=user.can(Capability.SEE_MONEY)), rows


def _may_sort(sort: str, user: User) -> bool:
    return sort.removeprefix("-") not in MONEY_COLUMNS or user.can(Capability.SEE_MONEY)
