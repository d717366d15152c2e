"""Which filters does a list have, on its page and in the API alike, and what does it say of a wrong one?"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms.renderers import Jinja2
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from common import money, periods
from common.errors import Refused
from common.text import UNSTORABLE

# Parameters of a list that are no filters.
NOT_FILTERS = frozenset({"page", "page_size", "format", "after", "before", "columns", "view"})
SEARCH_LIMIT = 200
WORDS = 12


MONEY_PLACES = 2


class NumberField(forms.CharField):
    """A number as typed into an address or a form."""

    def __init__(self, *, places: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.places = places

    def prepare_value(self, value: Any) -> Any:
        """Show a stored number of many places as people write it: 12, and not 12.0000; money keeps its cents."""
        if isinstance(value, Decimal) and value.is_finite() and self.places > MONEY_PLACES:
            whole = value.to_integral_value()
            return f"{whole:f}" if value == whole else f"{value.normalize():f}"
        return value

    def clean(self, value: Any) -> Decimal | None:
        """Read the number, or say what is wrong with it."""
        if not (value or "").strip():
            if self.required:
                raise ValidationError(_("%(label)s is required.") % {"label": self.label}, code="required")
            return None
        try:
            return money.parse_decimal(value, str(self.label), places=self.places)
        except Refused as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from None


class DayField(forms.CharField):
    """A day as typed into an address or a form."""

    widget = forms.DateInput(attrs={"type": "date"})

    def clean(self, value: Any) -> Any:
        """Read the day, or say what is wrong with it."""
        if not (value or "").strip():
            if self.required:
                raise ValidationError(_("%(label)s is required.") % {"label": self.label}, code="required")
            return None
        try:
            # The year 0 is no slip of a century but no date at all.
            years = (1, 9999) if value.startswith("0000") else periods.YEARS
            return periods.parse_day(value, str(self.label), years)
        except Refused as refusal:
            if refusal.code == "out_of_range" and value.startswith("0000"):
                message = _("%(label)s must be a date like 2026-03-31.") % {"label": self.label}
                raise ValidationError(message, code="not_a_date") from None
            raise ValidationError(str(refusal), code=refusal.code) from None


class SearchField(forms.CharField):
    """A few words to look for."""

    widget = forms.TextInput(attrs={"type": "search"})

    def to_python(self, value: Any) -> str:
        """Accept text that a database can look for."""
        words = str(value or "")
        found = UNSTORABLE.search(words)
        if found:
            message = _("The search text has a character that cannot be searched (code %(code)s).")
            raise ValidationError(message % {"code": f"{ord(found.group()):X}"}, code="unsearchable")
        if len(words) > SEARCH_LIMIT:
            raise ValidationError(_("Search for at most 200 characters."), code="too_long")
        return words.strip()


@extend_schema_field(OpenApiTypes.NUMBER)
class NumberFilter(django_filters.Filter):
    """Compares a number; refuses NaN, infinity and what is beyond all amounts."""

    field_class = NumberField


@extend_schema_field(OpenApiTypes.DATE)
class DayFilter(django_filters.Filter):
    """Compares a day."""

    field_class = DayField


@extend_schema_field(OpenApiTypes.STR)
class SearchFilter(django_filters.Filter):
    r"""Finds rows in which every word occurs in one of some columns; %, _ and \ mean themselves."""

    field_class = SearchField

    def __init__(self, *columns: str, is_folded: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.columns = columns
        # The columns hold text without capitals: no database needs to fold them again, and an index may serve.
        self.is_folded = is_folded

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Restrict the rows to those that have all words."""
        words = value.split()[:WORDS] if value else []
        if not words or not self.columns:
            return qs
        lookup = "contains" if self.is_folded else "icontains"
        if self.is_folded:
            words = [word.casefold() for word in words]
        each = [reduce(or_, [Q(**{f"{column}__{lookup}": word}) for column in self.columns]) for word in words]
        return qs.filter(reduce(and_, each))


class YesFilter(django_filters.Filter):
    """Filters by yes or no, written true and false."""

    field_class = forms.TypedChoiceField

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("choices", [("", "—"), ("true", _lazy("Yes")), ("false", _lazy("No"))])
        kwargs.setdefault("coerce", lambda value: value == "true")
        kwargs.setdefault("empty_value", None)
        super().__init__(**kwargs)


def keys(field: forms.ChoiceField) -> list[str]:
    """The values of a choice, without the empty one."""
    choices: Any = field.choices
    return [str(key) for key, _label in choices if key not in ("", "null")]


class SortField(forms.ChoiceField):
    """One of the columns by which a list can be sorted."""

    def validate(self, value: Any) -> None:
        """Name the columns when another one is asked for."""
        if value and not self.valid_value(value):
            names = ", ".join(key for key in keys(self) if not key.startswith("-"))
            raise ValidationError(_("Sort by one of: %(names)s.") % {"names": names}, code="invalid_choice")


@extend_schema_field(OpenApiTypes.STR)
class SortFilter(django_filters.Filter):
    """Sorts by a column of an allow-list; `-name` is descending. The id breaks ties in the same direction."""

    field_class = SortField

    def __init__(self, columns: Mapping[str, str], **kwargs: Any) -> None:
        choices = [("", "—"), *((sign + name, sign + name) for name in columns for sign in ("", "-"))]
        super().__init__(choices=choices, **kwargs)
        self.columns = dict(columns)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Order the rows."""
        if not value:
            return qs
        sign = "-" if value.startswith("-") else ""
        return qs.order_by(sign + self.columns[value.removeprefix("-")], f"{sign}pk")


class StrictFilterForm(forms.Form):
    """The values of the filters; knows which parameters there are."""

    # One for all forms: it compiles each widget once, and draws it ten times faster than Django's own language does.
    default_renderer = Jinja2()
    known: frozenset[str] = frozenset()

    def clean(self) -> dict[str, Any]:
        """Refuse a filter that does not exist, for ignoring it would show the wrong rows."""
        for name in self.data:
            if name not in self.known:
                message = _("Unknown filter: %(name)s.") % {"name": UNSTORABLE.sub("\ufffd", str(name))[:80]}
                self.add_error(None, ValidationError(message, code="unknown_filter"))
        return self.cleaned_data


class StrictFilterSet(django_filters.FilterSet):
    """The filters of one list. A page answers 400 with the form unless `is_valid()`; the API does so by itself."""

    not_filters = NOT_FILTERS

    def get_form_class(self) -> type[forms.Form]:
        """Make the form, with the names of all parameters and messages that name the filter."""
        for name, one in self.filters.items():
            if one._label is None:  # else the library makes a sentence about the column
                one.label = self._name_of(name, one)
        form: type[StrictFilterForm] = super().get_form_class()
        names = set(self.not_filters)
        for name, field in form.base_fields.items():
            suffixes = getattr(field.widget, "suffixes", None)
            names |= {f"{name}_{suffix}" if suffix else name for suffix in suffixes} if suffixes else {name}
            field.label = capfirst(field.label)
            if isinstance(field, forms.ChoiceField) and not isinstance(field, SortField):
                message = _("%(label)s must be one of %(choices)s.")
                message %= {"label": field.label, "choices": ", ".join(keys(field))}
                field.error_messages["invalid_choice"] = message.replace("%", "%%")
        form.known = frozenset(names)
        return form

    def filtered_but(self, *names: str) -> QuerySet[Any]:
        """The rows that match all filters but some; only for filters that are valid."""
        rows: QuerySet[Any] = self.queryset.all()
        for name, value in self.form.cleaned_data.items():
            if name not in names:
                rows = self.filters[name].filter(rows, value)
        return rows

    def _name_of(self, name: str, one: django_filters.Filter) -> Any:
        """The name of a column filtered by itself, else of the filter."""
        model = self._meta.model
        if model is not None and one.field_name == name:
            columns = {column.name: column for column in model._meta.get_fields()}
            return getattr(columns.get(name), "verbose_name", name.replace("_", " "))
        return name.replace("_", " ")

    class Meta:
        form = StrictFilterForm


def error_messages(filterset: django_filters.FilterSet) -> list[tuple[str | None, str]]:
    """The errors of a list's filters, as (filter, message), for the summary at the top of its page."""
    return [
        (None if name == "__all__" else name, str(message))
        for name, messages in filterset.errors.items()
        for message in messages
    ]
