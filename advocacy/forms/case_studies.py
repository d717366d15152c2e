"""What does a person fill in about a case study?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText, RecordForm, day_field
from accounts.models import Account, BusinessGoal, Contact
from accounts.queries.goals import goal_progress
from advocacy.models import CaseStudy
from common.formats import percent

ROWS = {"about": 2, "situation": 4, "solution": 4, "outcome": 4, "quote": 3}


class CaseStudyForm(RecordForm):
    """What a case study says, and the goals that prove it; save through `write_case` and `change_case`."""

    class Meta(RecordForm.Meta):
        model = CaseStudy
        fields = [*CaseStudy.TEXTS, "goals"]

    def __init__(self, *args: Any, account: Account, on: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in ROWS.items():
            self.fields[name].widget = forms.Textarea(attrs={"rows": rows})
        shares = {item.goal.pk: item.attainment for item in goal_progress(account, on)}
        goals = forms.ModelMultipleChoiceField(
            BusinessGoal.objects.visible_to(self.person).filter(account=account), label=_("Goals that prove it"),
            required=False, widget=forms.CheckboxSelectMultiple,
            help_text=_("Their figures before and after going live are the proof. Choose what impresses most."),
        )  # fmt: skip
        goals.label_from_instance = lambda goal: _goal_label(goal, shares.get(goal.pk))  # type: ignore[method-assign, assignment]
        self.fields["goals"] = goals
        if self.instance.pk:
            self.initial["goals"] = list(self.instance.goals.values_list("pk", flat=True))


def _goal_label(goal: BusinessGoal, share: Any) -> str:
    if share is None:
        return _text("%(goal)s (not measured yet)") % {"goal": goal.name}
    return _text("%(goal)s (%(share)s reached)") % {"goal": goal.name, "share": percent(share)}


class ApproveCaseForm(CleanText, forms.Form):
    """Who at the customer approved it, when and how; save through `approve_case`."""

    approved_by = forms.ModelChoiceField(Contact.objects.none(), label=_("Approved by"))
    approved_on = day_field(label=_("Approved on"))
    approval_note = forms.CharField(
        label=_("How it was approved"), max_length=300,
        help_text=_("Where can somebody look it up: a mail, a call, a signed page?"),
    )  # fmt: skip

    def __init__(self, *args: Any, case: CaseStudy, on: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = Contact.objects.present_on(on).filter(account=case.account_id)
        self.fields["approved_by"].queryset = present.order_by("name", "pk")  # type: ignore[attr-defined]


class PublishCaseForm(forms.Form):
    """Until when the public may read it; save through `publish_case`."""

    expires_on = day_field(
        label=_("Until the day before"), help_text=_("From this day on the page is gone. It is gone before, at once,"
        " if the consent ends or is taken back."),
    )  # fmt: skip


class WithdrawCaseForm(CleanText, forms.Form):
    """Why a case study is taken back; save through `withdraw_case`."""

    reason = forms.CharField(label=_("Why"), max_length=500)
