"""How do people answer recommendations, and what is learnt from their answers?"""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.notifications import Notice, notify_each
from accounts.actions.traces import leave_audit, today
from accounts.models import Account, User
from accounts.rules.roles import Capability
from common.errors import Refused
from playbooks.models import Run
from portfolio.models import Recommendation, RecommendationPolicy, RecommendationRule
from portfolio.queries.recommendations import recommended, rule_label, rule_records
from portfolio.rules.recommendations import is_mostly_wrong

Answer = Recommendation.Answer
# What somebody does within so many days after a recommendation was made because of it.
TAKEN_WITHIN = dt.timedelta(days=7)


@transaction.atomic
def answer_recommendation(*, account: Account, rule: str, answer: str, by: User, at: dt.datetime) -> Recommendation:
    """Note why a person does not follow a recommendation now; it does not come back for the days that this holds."""
    if answer not in Recommendation.NOT_NOW:
        raise Refused(_("Say whether it is done already, wrong, or for later."), field="answer")
    on = today(at)
    found = _of_today(account, rule, by, on)
    if found is None:
        raise Refused(_("This is not recommended to you any more."))
    found.answer, found.answered_at = answer, at
    found.save(update_fields=["answer", "answered_at"])
    leave_audit("recommendation.answered", found, by=by, at=at, changes={"rule": rule, "answer": [None, answer]})
    if answer == Answer.WRONG:
        review_rules(on=on, at=at)
    return found


def _of_today(account: Account, rule: str, by: User, on: dt.date) -> Recommendation | None:
    """The recommendation as it stands before the person; written down now if the morning's job has not come to it."""
    found = Recommendation.objects.select_for_update().filter(user=by, account=account, rule=rule, on=on).first()
    if found is not None:
        return found
    if not any(one.row.pk == account.pk and one.rule == rule for one in recommended(by, on)):
        return None
    return Recommendation.objects.create(user=by, account=account, rule=rule, on=on)


@transaction.atomic
def forget_answer(*, recommendation: Recommendation, by: User, at: dt.datetime) -> None:
    """Take an answer back; it stands on Today again."""
    Recommendation.objects.filter(pk=recommendation.pk, user=by).update(answer="", answered_at=None)
    leave_audit("recommendation.answer_forgotten", recommendation, by=by, at=at)


def take_recommendation(*, account: Account, by: User, at: dt.datetime) -> int:
    """Note that a person did something for an account that was recommended to them within a week."""
    on = today(at)
    open_ones = Recommendation.objects.filter(user=by, account=account, answer="", on__gt=on - TAKEN_WITHIN, on__lte=on)
    return open_ones.update(answer=Answer.TAKEN, answered_at=at)


def note_started_playbooks(*, on: dt.date, at: dt.datetime) -> int:
    """Note as taken what a person answered by starting a playbook for the account, that day or later."""
    started = Run.objects.filter(
        account=OuterRef("account"), started_by=OuterRef("user"), started_on__gte=OuterRef("on")
    )
    unanswered = Recommendation.objects.filter(answer="", on__gt=on - TAKEN_WITHIN, on__lte=on)
    return unanswered.filter(Exists(started)).update(answer=Answer.TAKEN, answered_at=at)


@transaction.atomic
def show_recommendations(*, on: dt.date, at: dt.datetime) -> int:
    """Write down what stands before everybody who follows recommendations, so that rules can be held to their record.

    A few statements per person, and again on the same day none.
    """
    note_started_playbooks(on=on, at=at)
    had = set(Recommendation.objects.filter(on=on, answer="").order_by().values_list("user", flat=True).distinct())
    people = User.objects.active().filter(role__in=(User.Role.CSM, User.Role.CS_MANAGER)).exclude(pk__in=had)
    shown = [
        Recommendation(user=person, account_id=one.row.pk, rule=one.rule, on=on)
        for person in people
        for one in recommended(person, on)
    ]
    Recommendation.objects.bulk_create(shown, ignore_conflicts=True, batch_size=500)
    review_rules(on=on, at=at)
    return len(shown)


def review_rules(*, on: dt.date, at: dt.datetime) -> list[str]:
    """Switch off the rules that are mostly wrong by their record, and tell the managers."""
    policy = RecommendationPolicy.load()
    share, least = policy.wrong_percent, policy.least_shown
    bad = [
        record for record in rule_records(on)
        if record.is_enabled and is_mostly_wrong(record.wrong, record.shown, share=share, least=least)
    ]  # fmt: skip
    for record in bad:
        values = {"is_enabled": False, "by_itself": True, "changed_at": at}
        rule, _is_new = RecommendationRule.objects.update_or_create(
            key=record.key, defaults=values, create_defaults={**values, "counted_from": on - dt.timedelta(days=365)}
        )
        leave_audit("recommendation_rule.switched_off", rule, by=None, at=at, changes={"wrong": record.wrong})
        _tell_managers(record.key, record.wrong, record.shown, on, at)
    return [record.key for record in bad]


def _tell_managers(key: str, wrong: int, shown: int, on: dt.date, at: dt.datetime) -> None:
    managers = User.objects.active().filter(role=User.Role.CS_MANAGER)
    notify_each(
        [
            Notice(
                person=manager,
                kind="rule_switched_off",
                title=partial(_switched_off, key),
                body=partial(_why, wrong, shown),
                cause=f"recommendations:{key}:{on.isoformat()}"[:100],
                url=reverse("recommendation_rules"),
            )
            for manager in managers
        ],
        at=at,
    )


def _switched_off(key: str) -> str:
    return _("Recommendations “%(rule)s” were switched off") % {"rule": rule_label(key)}


def _why(wrong: int, shown: int) -> str:
    words = _("%(wrong)s of %(shown)s were called wrong. Mend the cause, or switch them on again.")
    return words % {"wrong": wrong, "shown": shown}


@transaction.atomic
def switch_rule(*, key: str, on_again: bool, by: User, at: dt.datetime) -> RecommendationRule:
    """Switch a rule off, or on again; switched on it begins a new record."""
    if not by.can(Capability.EDIT_HEALTH):
        raise Refused(_("Only a manager or an admin switches rules."))
    on = today(at)
    if key not in {record.key for record in rule_records(on)}:
        raise Refused(_("There is no such rule."), field="key")
    values = {"is_enabled": on_again, "by_itself": False, "changed_at": at}
    first = {**values, "counted_from": on if on_again else on - dt.timedelta(days=365)}
    kept = {**values, "counted_from": on} if on_again else values
    rule, _is_new = RecommendationRule.objects.update_or_create(key=key, defaults=kept, create_defaults=first)
    verb = "recommendation_rule.switched_on" if on_again else "recommendation_rule.switched_off"
    leave_audit(verb, rule, by=by, at=at, changes={"rule": key})
    return rule


@transaction.atomic
def change_recommendation_policy(*, by: User, at: dt.datetime, **values: int) -> RecommendationPolicy:
    """Change for how long answers hold, and from when on a rule is mostly wrong."""
    policy = RecommendationPolicy.objects.select_for_update().filter(pk=1).first() or RecommendationPolicy(pk=1)
    changes = differences(policy, values)
    for name, value in values.items():
        setattr(policy, name, value)
    if changes:
        policy.save()
        leave_audit("recommendation_policy.changed", policy, by=by, at=at, changes=changes)
    return policy
