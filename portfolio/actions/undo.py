"""How are acts on revenue and usage taken back with one click?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.actions import undo as accounts_undo
from accounts.actions.views import save_view
from accounts.models import Account, Organisation, Product, User
from accounts.rules.roles import Capability
from common.errors import Refused
from health.actions.warnings import reopen_warning, restore_warning
from health.models import EarlyWarning
from portfolio.actions import undo_playbooks
from portfolio.actions.recommendations import forget_answer
from portfolio.actions.rows import refresh_rows
from portfolio.models import Recommendation
from revenue.actions import (
    add_line,
    advance_opportunity,
    advance_renewal,
    change_line,
    delete_line,
    delete_risk,
    reopen_risk,
    restore_call,
)
from revenue.models import ContractLine, Opportunity, Renewal, Risk
from usage.actions.facts import delete_fact
from usage.models import MilestoneReached, SurveyAnswer, Ticket

Step = Callable[[Mapping[str, Any], User, dt.datetime], int]
FACTS: dict[str, Any] = {"ticket": Ticket, "answer": SurveyAnswer, "milestone": MilestoneReached}


def _found(rows: Any, pk: object, by: User, capability: Capability) -> Any:
    """Find a row that the person still sees and may change, or refuse."""
    row = rows.objects.visible_to(by).filter(pk=pk).first()
    if row is None or not by.can(capability):
        raise Refused(_("This can no longer be undone."))
    return row


def _renewal_back(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    renewal: Renewal = _found(Renewal, was["renewal"], by, Capability.EDIT_REVENUE)
    advance_renewal(renewal=renewal, stage=was["stage"], by=by, at=at)
    return renewal.account_id


def _opportunity_back(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    found: Opportunity = _found(Opportunity, was["opportunity"], by, Capability.EDIT_REVENUE)
    advance_opportunity(opportunity=found, stage=was["stage"], by=by, at=at)
    return found.account_id


def _call_back(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    renewal: Renewal = _found(Renewal, was["renewal"], by, Capability.EDIT_REVENUE)
    amount = Decimal(was["amount"]) if was["amount"] else None
    restore_call(renewal=renewal, kind=was["kind"], call=was["call"], amount=amount, by=by, at=at)
    return renewal.account_id


def _without_risk(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    risk: Risk = _found(Risk, was["risk"], by, Capability.EDIT_REVENUE)
    account_id = risk.account_id
    delete_risk(risk=risk, by=by, at=at)
    return account_id


def _risk_open(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    risk: Risk = _found(Risk, was["risk"], by, Capability.EDIT_REVENUE)
    reopen_risk(risk=risk, by=by, at=at)
    return risk.account_id


def _without_fact(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    row = _found(FACTS[was["kind"]], was["pk"], by, Capability.EDIT_ACCOUNTS)
    account_id: int = row.account_id
    delete_fact(row=row, by=by, at=at)
    return account_id


def _without_line(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    line: ContractLine = _found(ContractLine, was["line"], by, Capability.EDIT_REVENUE)
    account_id = line.account_id
    delete_line(line=line, by=by, at=at)
    return account_id


def _line_as_before(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    line: ContractLine = _found(ContractLine, was["line"], by, Capability.EDIT_REVENUE)
    change_line(line=line, by=by, at=at, **_values(was["was"]))
    return line.account_id


def _line_again(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    account: Account = _found(Account, was["account"], by, Capability.EDIT_REVENUE)
    add_line(account=account, by=by, at=at, **_values(was["was"]))
    return account.pk


def _values(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Read a line back from what a session kept of it."""
    days = {name: dt.date.fromisoformat(kept[name]) if kept[name] else None
            for name in ("starts_on", "ends_on", "notice_on")}  # fmt: skip
    product = Product.objects.filter(pk=kept["product"]).first()
    if product is None:
        raise Refused(_("This can no longer be undone."))
    return {**kept, **days, "product": product, "arr": Decimal(kept["arr"])}


def _answer_forgotten(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    found: Recommendation = _found(Recommendation, was["recommendation"], by, Capability.EDIT_ACCOUNTS)
    forget_answer(recommendation=found, by=by, at=at)
    return found.account_id


def _warning_back(was: Mapping[str, Any], by: User, at: dt.datetime) -> int:
    warning: EarlyWarning = _found(EarlyWarning, was["warning"], by, Capability.EDIT_ACCOUNTS)
    if warning.state == EarlyWarning.State.RESOLVED:
        warning = reopen_warning(warning=warning, by=by, at=at)
    if warning.state != was["state"]:
        restore_warning(warning=warning, state=was["state"], until=was["until"], reason=was["reason"], by=by, at=at)
    return warning.account_id


STEPS: dict[str, Step] = {
    "warning_answered": _warning_back,
    "recommendation_answered": _answer_forgotten,
    "renewal_advanced": _renewal_back,
    "opportunity_advanced": _opportunity_back,
    "renewal_called": _call_back,
    "risk_opened": _without_risk,
    "risk_closed": _risk_open,
    "fact_added": _without_fact,
    "line_added": _without_line,
    "line_changed": _line_as_before,
    "line_deleted": _line_again,
    **undo_playbooks.STEPS,
}


def undo(step: str, was: Mapping[str, Any], *, by: User, at: dt.datetime) -> int | None:
    """Take back one act, of this app or of an account's records; answers with the account that it was about."""
    if step == "saved_view_deleted":
        save_view(name=was["name"], query=was["query"], for_team=was["for_team"], by=by, at=at)
        return None
    if step in STEPS:
        account_id: int | None = STEPS[step](was, by, at)
    else:
        account_id = accounts_undo.undo(step, was, by=by, at=at)
    if account_id is not None:
        refresh_rows(on=Organisation.load().day_of(at), account_ids=[account_id])
    return account_id
