"""What does a manager fill in about how churn is predicted?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import DraftForm
from health.models import ChurnSettings, RuleName
from health.rules.churn import DEFAULT_EFFECTS, PER_POINT, REACHES, RETENTION, TIMES

# What the number of an effect means, by its kind, and its limits.
EFFECT_HELP = {
    TIMES: _("Multiplies the odds of leaving."),
    RETENTION: _("The share of those who would stay that still stays in a year."),
    REACHES: _("The risk of a year that is reached at least."),
    PER_POINT: _("Multiplies the odds of leaving, for each point."),
}


def _effect_field(row: dict[str, Any]) -> forms.DecimalField:
    most = Decimal(20) if row["kind"] in (TIMES, PER_POINT) else Decimal("0.99")
    return forms.DecimalField(
        label=RuleName(row["key"]).label, help_text=EFFECT_HELP[row["kind"]], min_value=Decimal("0.01"), max_value=most,
        max_digits=4, decimal_places=2,
    )  # fmt: skip


class ChurnSettingsForm(DraftForm):
    """How churn is predicted: published figures, and when a fitted model may replace them."""

    class Meta:
        model = ChurnSettings
        fields = (
            *("enterprise_rate", "team_rate", "individual_rate", "cap"),
            *("least_churns", "least_events", "counts_records"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in self.instance.effect_rows:
            self.fields[f"effect_{row['key']}"] = _effect_field(row)
            self.initial.setdefault(f"effect_{row['key']}", Decimal(str(row["value"])))

    def effects(self) -> list[forms.BoundField]:
        """The fields of the effects, in order."""
        return [self[name] for name in self.fields if name.startswith("effect_")]

    def values(self) -> dict[str, Any]:
        """What the action takes: the row's own fields, and the effects that differ from the shipped ones."""
        shipped = {row["key"]: float(row["value"]) for row in DEFAULT_EFFECTS}
        given = {key: float(self.cleaned_data[f"effect_{key}"]) for key in shipped}
        effects = {key: value for key, value in given.items() if value != shipped[key]}
        return {name: self.cleaned_data[name] for name in self.Meta.fields} | {"effects": effects}
