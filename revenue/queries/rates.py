"""At which dated rates are amounts converted?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.errors import Refused
from revenue.models import ExchangeRate
from revenue.rules.rates import MissingRate, Rates, rate_on


class RateMissing(Refused):
    """A figure needs a rate that nobody has entered; names currency and date."""

    def __init__(self, missing: MissingRate) -> None:
        words = {"base": missing.base, "quote": missing.quote, "on": date_format(missing.on, "DATE_FORMAT")}
        message = _("No exchange rate from %(base)s to %(quote)s is known for %(on)s. Add one in the settings.")
        super().__init__(message % words, code="rate_missing")
        self.base, self.quote, self.on = missing.base, missing.quote, missing.on


@contextmanager
def refuse_missing_rate() -> Iterator[None]:
    """Say in words for a person which rate is missing."""
    try:
        yield
    except MissingRate as missing:
        raise RateMissing(missing) from missing


def load_rates(currencies: Iterable[str], reporting: str, *, until: dt.date | None = None) -> Rates:
    """Read the rates between some currencies and the reporting currency; no query where there is nothing to convert."""
    foreign = set(currencies) - {reporting}
    if not foreign:
        return Rates()
    rows = ExchangeRate.objects.filter(base__in=foreign | {reporting}, quote__in=foreign | {reporting}).order_by()
    if until is not None:
        rows = rows.filter(on__lte=until)
    return Rates.of(rows.values_list("base", "quote", "on", "rate"))


def rate_for(base: str, quote: str, on: dt.date) -> Fraction:
    """What one unit of a currency is worth in another on a day; refuses where no rate is known."""
    with refuse_missing_rate():
        return rate_on(load_rates([base], quote, until=on), base, quote, on)
