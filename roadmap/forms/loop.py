"""What does a person fill in about an answer to a customer?"""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText, day_field


class ReplyForm(CleanText, forms.Form):
    """What a customer replied; save through `record_reply`."""

    reply = forms.CharField(label=_("What did they reply?"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 4}))
    replied_on = day_field(label=_("Replied on"), required=False)


class ExcuseForm(CleanText, forms.Form):
    """Why nobody has to be told; save through `excuse_answer`."""

    reason = forms.CharField(label=_("Why need they not be told?"), max_length=500)
