"""What does a product manager fill in about how requests are ranked, and about what one takes and brings?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import RecordForm, strict_field
from common.forms import DraftForm
from roadmap.models import FeatureRequest, RankingSettings, RequestEstimate
from roadmap.queries.ranking_facts import open_requests


class RankingSettingsForm(DraftForm):
    """Weights, the common band, the cap and the windows."""

    class Meta:
        model = RankingSettings
        fields = (
            *("asks_weight", "accounts_weight", "spread_weight", "users_weight", "weighted_weight"),
            *("threshold", "guard_percent", "spread_by", "cap_percentile", "renewal_days", "usage_days"),
            "swing_percent",
        )


class EstimateForm(RecordForm):
    """What one request takes and brings, and what it needs; save through `change_estimate` and `change_needs`."""

    needs = forms.ModelMultipleChoiceField(
        FeatureRequest.objects.none(), label=_("Cannot be built without"), required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("Hold Ctrl or ⌘ to choose several, or to take one away."),
    )  # fmt: skip

    class Meta(RecordForm.Meta):
        model = RequestEstimate
        fields = [
            "effort", "reach", "impact", "confidence", "business_value", "time_criticality", "opportunity",
        ]  # fmt: skip
        formfield_callback = strict_field

    def __init__(self, *args: Any, need: FeatureRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = open_requests().exclude(pk=need.pk).order_by("title", "pk")
        self.fields["needs"].queryset = others  # type: ignore[attr-defined]
        self.initial.setdefault("needs", list(need.needs.values_list("needed", flat=True)))
