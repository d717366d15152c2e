"""How do contract lines, rates and renewals change, and what follows from it?"""

from revenue.actions.calls import call_renewals, make_call, restore_call
from revenue.actions.expansion import (
    advance_opportunity,
    change_expansion_settings,
    change_opportunity,
    create_opportunity,
    delete_opportunity,
    lose_opportunity,
    set_target,
    set_targets,
    win_opportunity,
)
from revenue.actions.kept_months import audit_months, keep_months, ledger_changed
from revenue.actions.ledger import Derived, LedgerFault, audit_ledger, derive_movements
from revenue.actions.lines import add_line, change_line, delete_line, end_line
from revenue.actions.policy import change_policy
from revenue.actions.rates import delete_rate, set_rate
from revenue.actions.renewals import (
    SyncedRenewals,
    advance_renewal,
    create_renewal,
    remember_renewals,
    sync_renewals,
)
from revenue.actions.risks import close_risk, delete_risk, open_risk, reopen_risk, update_risk
from revenue.actions.settings import change_revenue_settings

__all__ = [
    "Derived",
    "LedgerFault",
    "SyncedRenewals",
    "add_line",
    "advance_opportunity",
    "advance_renewal",
    "audit_ledger",
    "audit_months",
    "call_renewals",
    "change_expansion_settings",
    "change_line",
    "change_opportunity",
    "change_policy",
    "change_revenue_settings",
    "close_risk",
    "create_opportunity",
    "create_renewal",
    "delete_line",
    "delete_opportunity",
    "delete_rate",
    "delete_risk",
    "derive_movements",
    "end_line",
    "keep_months",
    "ledger_changed",
    "lose_opportunity",
    "make_call",
    "open_risk",
    "remember_renewals",
    "reopen_risk",
    "restore_call",
    "set_rate",
    "set_target",
    "set_targets",
    "sync_renewals",
    "update_risk",
    "win_opportunity",
]
