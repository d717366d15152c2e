"""What does each customer pay, until when, and what changed in a period?"""

from revenue.queries.arr import arr_by_account, arr_columns, arr_steps, balances_on, seats_by_account, with_arr
from revenue.queries.ledger import (
    derived_movements,
    expansions_by_account,
    ledger,
    ledger_bounds,
    ledger_by_month,
    months_between,
    read_lines,
    stored_movements,
)
from revenue.queries.rates import RateMissing, load_rates, rate_for, refuse_missing_rate
from revenue.queries.renewals import chains, next_renewal

__all__ = [
    "RateMissing",
    "arr_by_account",
    "arr_columns",
    "arr_steps",
    "balances_on",
    "chains",
    "derived_movements",
    "expansions_by_account",
    "ledger",
    "ledger_bounds",
    "ledger_by_month",
    "load_rates",
    "months_between",
    "next_renewal",
    "rate_for",
    "read_lines",
    "refuse_missing_rate",
    "seats_by_account",
    "stored_movements",
    "with_arr",
]
