"""What does a manager fill in about how playbooks serve, write and are measured?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst

from accounts.forms.base import CleanText, WholeField
from accounts.models import Account, Organisation
from playbooks.models import EffectPolicy, MailSettings, Run

CHANNEL = "channel_"
POLICY = ("health_days", "kept_days", "fewest_pairs", "saved_percent")


class PlaybookSettingsForm(CleanText, forms.ModelForm):
    """How each tier is served, from whom mails come, how effect is measured."""

    class Meta:
        model = MailSettings
        fields = ("sender_name", "reply_to", "guide_url", "manual_url", "footer")
        widgets = {"footer": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, data: Any = None, *, channels: Any, policy: EffectPolicy, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        own = Organisation.load().tier_labels()
        for tier, label in Account.Tier.choices:
            self.fields[CHANNEL + tier] = forms.ChoiceField(
                label=own.get(tier, label), choices=Run.Channel.choices, initial=str(channels[tier])
            )
        for name in POLICY:
            column: Any = EffectPolicy._meta.get_field(name)
            field = WholeField(label=capfirst(column.verbose_name), help_text=column.help_text)
            field.initial = getattr(policy, name)
            field.validators.extend(column.validators)
            self.fields[name] = field

    def _post_clean(self) -> None:
        """Leave the row alone: the actions write it."""

    def channels(self) -> dict[str, str]:
        """How each tier is to be served."""
        return {tier: self.cleaned_data[CHANNEL + tier] for tier in Account.Tier.values}

    def mails(self) -> dict[str, Any]:
        """From whom mails come."""
        return {name: self.cleaned_data[name] or "" for name in self.Meta.fields}

    def policy(self) -> dict[str, int]:
        """How effect is measured."""
        return {name: self.cleaned_data[name] for name in POLICY}
