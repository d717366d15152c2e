"""What does an exported list hold, row by row?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import F
from django.http import QueryDict

from accounts.models import CustomField, User
from common.filters import error_messages
from portfolio.filters import CUSTOM_PREFIX, filters_for
from portfolio.models import AccountRow
from portfolio.views.account_listing import available_columns, chosen_columns, filtered_rows


def export_rows(
    query: QueryDict, user: User, on: dt.date
) -> tuple[list[str], Iterator[list[Any]], list[tuple[str | None, str]]]:
    """The header, the rows and the filter errors of an export: what matches, in the chosen columns, sorted by name."""
    custom_fields = list(CustomField.objects.order_by("position", "label"))
    filters, rows = filtered_rows(query, user, on, filters_for(user, custom_fields))
    columns = [column.name for column in chosen_columns(query, available_columns(custom_fields, user))]
    header = ["external_id", *(name for name in columns if name != "external_id")]
    found = rows.annotate(custom=F("account__custom")).order_by("name", "pk").iterator(chunk_size=2000)
    return header, ([_value(row, name) for name in header] for row in found), error_messages(filters)


def _value(row: AccountRow, name: str) -> Any:
    """The plain value of a cell: numbers stay numbers, so that a spreadsheet can add them up."""
    if name.startswith(CUSTOM_PREFIX):
        return (getattr(row, "custom", None) or {}).get(name.removeprefix(CUSTOM_PREFIX))
    if name == "band":
        return row.band
    if name == "trend":
        return row.score
    return getattr(row, name)
