"""What does each customer pay, until when, and what changed in a period?"""

from revenue.queries.arr import arr_by_account, arr_columns, arr_steps, balances_on, seats_by_account, with_arr
from revenue.queries.cohorts import (
    CohortAccount,
    CohortTable,
    cohort_accounts,
    cohort_table,
    ids_seen_by,
    signed_in,
)
from revenue.queries.dimensions import Dimension, check_dimension, dimensions
from revenue.queries.ledger import (
    derived_movements,
    expansions_by_account,
    ledger,
    ledger_bounds,
    ledger_by_month,
    months_between,
    opening_and_movements,
    read_lines,
    stored_movements,
)
from revenue.queries.rates import RateMissing, load_rates, rate_for, refuse_missing_rate
from revenue.queries.renewals import chains, next_renewal
from revenue.queries.retention import (
    RetentionMonth,
    RetentionRows,
    accounts_shown_to,
    retention,
    retention_accounts,
    retention_credits,
    retention_months,
)

__all__ = [
    "CohortAccount",
    "CohortTable",
    "Dimension",
    "RateMissing",
    "RetentionMonth",
    "RetentionRows",
    "accounts_shown_to",
    "arr_by_account",
    "arr_columns",
    "arr_steps",
    "balances_on",
    "chains",
    "check_dimension",
    "cohort_accounts",
    "cohort_table",
    "derived_movements",
    "dimensions",
    "expansions_by_account",
    "ids_seen_by",
    "ledger",
    "ledger_bounds",
    "ledger_by_month",
    "load_rates",
    "months_between",
    "next_renewal",
    "opening_and_movements",
    "rate_for",
    "read_lines",
    "refuse_missing_rate",
    "retention",
    "retention_accounts",
    "retention_credits",
    "retention_months",
    "seats_by_account",
    "signed_in",
    "stored_movements",
    "with_arr",
]
