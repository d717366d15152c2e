"""What does an admin fill in to have notifications written into a chat?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.queries.notifications import kinds
from common.outgoing import LONGEST
from integrations.models import ChatWebhook


class ChatWebhookForm(forms.Form):
    """One channel: its address, and what it is told of."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("By which you know it again, such as #customer-success.")
    )
    style = forms.ChoiceField(label=_("Kind of chat"), choices=ChatWebhook.Style.choices)
    url = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url", "spellcheck": "false"}),
        help_text=_("The webhook’s address that the chat gave you. It is kept sealed and not shown again."),
    )
    kinds = forms.MultipleChoiceField(label=_("Tell of"), widget=forms.CheckboxSelectMultiple)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    is_enabled = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, webhook: ChatWebhook | None = None, **kwargs: Any) -> None:
        if webhook is not None:
            names = ("name", "style", "kinds", "language", "is_enabled")
            kwargs["initial"] = {name: getattr(webhook, name) for name in names}
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(kind.key, kind.label) for kind in kinds()]  # type: ignore[attr-defined]
        self.fields["url"].required = webhook is None
        if webhook is not None:
            self.fields["url"].help_text = _("Leave it empty to keep the one that is stored.")
