"""What was decided about the demo customers’ wishes, who was told, which are the same, what hangs on them?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from accounts.models import Account, ChurnRecord, ExpectationGap, Promise, User
from accounts.queries.accounts import owner_of
from accounts.rules.roles import Role
from portfolio.demo.load import Plan
from revenue.models import Renewal
from roadmap import actions
from roadmap.models import FeatureRequest, RequestAnswer
from roadmap.rules.board import quarter_after, quarter_of
from usage.models import Feature

# What was decided, days ago: the state, and in which quarter from now it shall come.
DECISIONS: dict[str, list[tuple[int, str, int | None]]] = {
    "FR-1": [(75, "under_review", None), (40, "planned", 1)],
    "FR-2": [(90, "planned", 0), (22, "building", 0)],
    "FR-3": [(160, "planned", -1), (120, "building", -1), (64, "shipped", -1)],
    "FR-4": [(200, "planned", -2), (150, "shipped", -2)],
    "FR-5": [(18, "planned", 1)],
    "FR-6": [(60, "planned", 0), (9, "building", 0)],
    "FR-7": [(30, "declined", None)],
    "FR-9": [(12, "under_review", None)],
}
REASON = "Our forms check every entry against the server, and without it wrong orders would go out. " \
    "We make the pages lighter for weak networks instead."  # fmt: skip
# What customers read.
TEXTS = {
    "FR-1": ("Approve on your phone", "Approvals get a page of their own that fits a phone."),
    "FR-2": ("More ERP fields in the sync", "Cost centres and projects come over, both ways."),
    "FR-3": ("A dashboard for each plant", "One screen per plant, shared with everybody there."),
    "FR-4": ("Archive projects", "Finished projects leave the lists and can be brought back."),
    "FR-5": ("Chinese public holidays", "Deadlines keep clear of Golden Week and Spring Festival."),
    "FR-6": ("Your own report templates", "Letterhead, fonts and footers of your company."),
}
DESCRIPTIONS = {
    "FR-1": "Managers approve on the way. A page for phones is enough, no app in a store.",
    "FR-3": "Plant managers look at one plant only; today they filter the company’s dashboard each morning.",
    "FR-8": "Two groups ask, with much money behind it. It would split the product in two.",
}
# The same needs in other words, of which the last two were found and merged: title, the known one, who asks.
AGAIN = [
    ("Sign off on a smartphone", "FR-1", 3),
    ("日历要显示法定节假日", "FR-5", 2),
    ("Revert a mass edit", "FR-10", 2),
    ("手机端审批", "FR-1", 4),
    ("Report templates with our letterhead", "FR-6", 3),
]
MERGED = ("手机端审批", "Report templates with our letterhead")
WORDS = (
    "We asked for this in spring already.",
    "Our team asks every week.",
    "这对我们很重要。",
    "It came up in the last review.",
)
REPLIES = (
    "Good news, thank you for telling us.",
    "Then we wait for it.",
    "太好了，谢谢。",
    "We will test it with two teams.",
)
# Which expectation gap is closed by which request.
GAPS = {"offline": "FR-7", "e-mail": "FR-9", "template": "FR-6"}


def decide_requests(plan: Plan) -> None:
    """Word, merge and decide about the wishes of the book as product management would have, and tell customers."""
    by = User.objects.filter(role=Role.PRODUCT_MANAGER).order_by("pk").first()
    needs = {need.external_id: need for need in FeatureRequest.objects.exclude(external_id=None)}
    if by is None or not needs.keys() >= DECISIONS.keys():
        return
    _ask_again(plan, needs, by)
    _word(plan, needs, by)
    _hang(plan, needs, by)
    for days, key, state, quarter in _in_order():
        _decide(plan, needs[key], by, days=days, state=state, quarter=quarter)
    actions.share_roadmap(name="What we are building next", by=by, at=plan.at - dt.timedelta(days=35))
    old = actions.share_roadmap(name="Preview for the user group", by=by, at=plan.at - dt.timedelta(days=90))
    actions.revoke_roadmap(page=old, by=by, at=plan.at - dt.timedelta(days=60))
    actions.find_duplicates()


def _in_order() -> list[tuple[int, str, str, int | None]]:
    rows = [(days, key, state, quarter) for key, steps in DECISIONS.items() for days, state, quarter in steps]
    return sorted(rows, reverse=True)


def _ask_again(plan: Plan, needs: dict[Any, FeatureRequest], by: User) -> None:
    """Some customers ask for the same in other words."""
    paying = Account.objects.exclude(stage=Account.Stage.CHURNED).filter(signed_on__lt=plan.on - dt.timedelta(days=130))
    askers = list(paying.order_by("external_id")[:400])
    for number, (title, key, count) in enumerate(AGAIN):
        at = plan.at - dt.timedelta(days=110 - 7 * number)
        made = actions.add_request(title=title, by=by, at=at, external_id=f"FR-{number + 21}")
        for place in range(min(count, len(askers))):
            account = askers[(7 * number + 3 * place) % len(askers)]
            importance = (number + place) % 4
            actions.add_evidence(
                request=made, account=account, by=by, at=at + dt.timedelta(days=place), verbatim=WORDS[place % 4],
                importance=importance, is_blocker=importance == 3, source="Business review",
            )  # fmt: skip
        if title in MERGED:
            actions.merge_requests(request=made, into=needs[key], by=by, at=at + dt.timedelta(days=6))


def _word(plan: Plan, needs: dict[Any, FeatureRequest], by: User) -> None:
    """Say what customers read, what they were promised and which use is expected."""
    at = plan.at - dt.timedelta(days=100)
    for key, (title, text) in TEXTS.items():
        actions.change_request(request=needs[key], shared_title=title, shared_text=text, by=by, at=at)
    for key, text in DESCRIPTIONS.items():
        actions.change_request(request=needs[key], description=text, by=by, at=at)
    shipped = {"FR-3": ("shared-dashboards", 60, 40), "FR-4": ("task-board", 80, 60)}
    for key, (feature, days, goal) in shipped.items():
        actions.change_request(
            request=needs[key], feature=Feature.objects.filter(external_id=feature).first(), use_goal_percent=goal,
            promised_on=plan.on - dt.timedelta(days=days), use_goal_on=plan.on + dt.timedelta(days=30), by=by, at=at,
        )  # fmt: skip
    promised = quarter_after(quarter_of(plan.on)) - dt.timedelta(days=1)
    actions.change_request(request=needs["FR-2"], promised_on=promised, by=by, at=at)


def _hang(plan: Plan, needs: dict[Any, FeatureRequest], by: User) -> None:
    """Link gaps, promises, losses and renewals to the wishes that would settle them."""
    at = plan.at - dt.timedelta(days=20)

    def link(key: str, rows: Sequence[Any]) -> None:
        for row in rows:
            actions.link_request(request=needs[key], target=row, by=by, at=at)

    for word, key in GAPS.items():
        link(key, list(ExpectationGap.objects.filter(closed_on=None, text__icontains=word).order_by("pk")[:6]))
    erp = Promise.objects.filter(state=Promise.State.OPEN, text__icontains="ERP").order_by("pk")
    link("FR-2", list(erp[:4]))
    unmet = ChurnRecord.objects.filter(reason=ChurnRecord.Reason.EXPECTATIONS_NOT_MET, won_back_on=None)
    lost = list(unmet.order_by("-on", "pk")[:7])
    link("FR-7", lost[:2])
    link("FR-6", lost[2:5])
    link("FR-1", lost[5:])
    near = Renewal.objects.open().filter(due_on__gte=plan.on, account__request_evidence__request=needs["FR-1"])
    link("FR-1", list(near.distinct().order_by("due_on", "pk")[:3]))


def _decide(plan: Plan, need: FeatureRequest, by: User, *, days: int, state: str, quarter: int | None) -> None:
    at = plan.at - dt.timedelta(days=days)
    day = None if quarter is None else quarter_after(quarter_of(plan.on), quarter)
    reason = REASON if state == FeatureRequest.State.DECLINED else ""
    actions.change_state(request=need, state=state, decline_reason=reason, quarter=day, by=by, at=at)
    waiting = RequestAnswer.objects.waiting().filter(request=need).select_related("account").order_by("pk")
    for number, answer in enumerate(waiting):
        _answer(plan, answer, number, at)


def _answer(plan: Plan, answer: RequestAnswer, number: int, at: dt.datetime) -> None:
    """Most customers hear within two weeks, some late, some still wait; a few reply."""
    told = at + dt.timedelta(days=(2, 5, 9, 12, 17)[number % 5])
    owner = owner_of(answer.account, plan.on)
    if owner is None or told > plan.at or number % 6 == 5:
        return
    if number % 9 == 8:
        actions.excuse_answer(answer=answer, reason="Their team that asked was closed.", by=owner, at=told)
    elif number % 4 == 1:
        actions.record_reply(answer=answer, reply=REPLIES[number % 4], by=owner, at=told)
    else:
        actions.tell_customers(answers=[answer], by=owner, at=told)
