"""What does an admin fill in about a colleague, and a person about themselves?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from common.forms import DraftForm


class PersonForm(DraftForm):
    """What a colleague may do and see."""

    class Meta:
        model = User
        fields = ("name", "role", "team", "visibility")
        help_texts = {
            "role": _("Decides what they may do."),
            "visibility": _("Decides which accounts they find. What is shared with them is added."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].empty_label = _("No team")  # type: ignore[attr-defined]


class InvitationForm(PersonForm):
    """Whom to let in, as what."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    visibility = forms.ChoiceField(
        label=_("Sees"),
        required=False,
        choices=[("", _("What is usual for the role")), *User.Visibility.choices],
        help_text=_("Decides which accounts they find. What is shared with them is added."),
    )
    field_order = ("email", "name", "role", "team", "visibility")


class ProfileForm(DraftForm):
    """How a person is called here, and how the pages look to them."""

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser says")), *settings.LANGUAGES],
    )

    class Meta:
        model = User
        fields = ("name", "language", "theme", "density", "keys_enabled")
        labels = {"keys_enabled": _("Single-key shortcuts, such as N to log a call")}


class AppearanceForm(forms.Form):
    """One choice of the menu behind a person's name."""

    theme = forms.ChoiceField(choices=User.Theme.choices, required=False)
    density = forms.ChoiceField(choices=User.Density.choices, required=False)


class LanguageForm(forms.Form):
    """One of the languages."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)


class TeamForm(forms.Form):
    """The name of a team."""

    name = forms.CharField(label=_("Name"), max_length=Team._meta.get_field("name").max_length)
