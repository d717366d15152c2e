"""What does a person fill in about consents and public mentions?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText, day_field
from advocacy.models import Channel, Consent, PublicMention


class ConsentForm(CleanText, forms.Form):
    """To what somebody agreed; save through `record_consent`."""

    scope = forms.ChoiceField(label=_("They agree to"), choices=Consent.Scope.choices)
    channel = forms.ChoiceField(label=_("It may be heard"), choices=Channel.choices)
    given_on = day_field(label=_("Given on"))
    expires_on = day_field(label=_("Holds until"), help_text=_("From this day on it no longer holds."))
    evidence = forms.CharField(
        label=_("How it was given"), max_length=300,
        help_text=_("Where can somebody look it up: a mail, a call, a form?"),
    )  # fmt: skip


class MentionForm(CleanText, forms.Form):
    """Where somebody spoke of us; save through `add_mention`."""

    kind = forms.ChoiceField(label=_("Kind"), choices=PublicMention.Kind.choices)
    title = forms.CharField(label=_("Title"), max_length=200)
    url = forms.CharField(label=_("Address"), required=False, max_length=500)
    on = day_field(label=_("Date"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["url"].widget.attrs["inputmode"] = "url"
