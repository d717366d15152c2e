"""What does a person fill in about a request?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText, RecordForm, strict_field
from accounts.models import User
from roadmap.models import FeatureRequest
from roadmap.queries.board import quarters_to_choose
from usage.models import Module

State = FeatureRequest.State


class RequestForm(CleanText, forms.Form):
    """A need that is written down without a customer yet; save through `add_request`."""

    title = forms.CharField(label=_("What is wanted?"), max_length=200, help_text=_("One need, in a few words."))
    description = forms.CharField(
        label=_("Description"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For colleagues only."),
    )  # fmt: skip
    module = forms.ModelChoiceField(Module.objects.none(), label=_("Module"), required=False)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["module"].queryset = Module.objects.visible_to(person)  # type: ignore[attr-defined]


class RequestEditForm(RecordForm):
    """What a request says to colleagues; save through `change_request`."""

    class Meta(RecordForm.Meta):
        model = FeatureRequest
        fields = ["title", "description", "module"]
        formfield_callback = strict_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["description"].widget.attrs["rows"] = 6


class RequestPlanForm(RecordForm):
    """What customers read of a request, what they were promised, and what is expected of its use."""

    class Meta(RecordForm.Meta):
        model = FeatureRequest
        fields = ["shared_title", "shared_text", "promised_on", "feature", "use_goal_percent", "use_goal_on"]
        formfield_callback = strict_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shared_text"].widget.attrs["rows"] = 4


class DecisionForm(CleanText, forms.Form):
    """What is decided about a request; save through `change_state`."""

    state = forms.ChoiceField(label=_("State"), choices=State.choices)
    quarter = forms.TypedChoiceField(
        label=_("Quarter"), required=False, coerce=dt.date.fromisoformat, empty_value=None,
        help_text=_("For what is planned, being built or shipped."),
    )  # fmt: skip
    decline_reason = forms.CharField(
        label=_("Reason for declining"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever asked will hear it."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, request: FeatureRequest, on: dt.date, state: str = "") -> None:
        quarter = request.quarter.isoformat() if request.quarter else ""
        initial = {
            "state": state or request.state, "decline_reason": request.decline_reason, "quarter": quarter,
        }  # fmt: skip
        super().__init__(data, initial=initial)
        self.fields["quarter"].choices = quarters_to_choose(on, request.quarter)  # type: ignore[attr-defined]


class SharedRoadmapForm(CleanText, forms.Form):
    """What an address for customers is called and how long shipped requests stay; save through `share_roadmap`."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Stands over the page: customers read it."))
    shipped_days = forms.IntegerField(
        label=_("Days for which shipped requests stay"), min_value=0, max_value=3650, initial=180
    )


class RequestPickForm(forms.Form):
    """Into which request another one is merged: chosen from a list that follows what is typed."""

    into = forms.ModelChoiceField(
        FeatureRequest.objects.none(), label=_("Merge into"), widget=forms.HiddenInput,
        error_messages={"required": _("Choose a request.")},
    )  # fmt: skip

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = FeatureRequest.objects.visible_to(person)  # type: ignore[attr-defined]
