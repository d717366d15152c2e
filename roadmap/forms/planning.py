"""What does a product manager fill in to plan a quarter?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import F

from accounts.forms.base import RecordForm, strict_field
from roadmap.models import QuarterPlan
from roadmap.queries.ranking_facts import open_requests


class QuarterPlanForm(RecordForm):
    """One scenario; save through `add_plan` or `change_plan`."""

    class Meta(RecordForm.Meta):
        model = QuarterPlan
        fields = ["name", "starts_on", "capacity", "counts", "by_value", "must_haves", "left_out"]
        formfield_callback = strict_field
        widgets = {
            "must_haves": forms.SelectMultiple(attrs={"size": 6}),
            "left_out": forms.SelectMultiple(attrs={"size": 6}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ranked = open_requests().order_by(F("ranking__rank").asc(nulls_last=True), "pk")
        for name in ("must_haves", "left_out"):
            self.fields[name].queryset = ranked  # type: ignore[attr-defined]
