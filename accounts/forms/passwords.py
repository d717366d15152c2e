"""In which forms do people choose a password, and what are they told of it?"""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User

PASSWORD_LENGTH = 1000


def advice() -> str:
    """Say in one line how to choose one."""
    words = _("At least %(count)s characters. A few words that only you would put together are best.")
    return words % {"count": settings.PASSWORD_MIN_LENGTH}


class ChoosePasswordForm(forms.Form):
    """A password of one's own, typed once: it can be shown, pasted and of any characters."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["password"].help_text = advice()

    def clean_password(self) -> str:
        """Hold the password against the rules."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person)
        return password


class Advised(forms.Form):
    """Gives our line of advice instead of a list of rules as markup."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = advice()


class ChangePasswordForm(Advised, allauth.ChangePasswordForm):
    """Another password, by whoever knows the old one."""


class SetPasswordForm(Advised, allauth.SetPasswordForm):
    """A first password, for who came by single sign-on."""


class ResetPasswordKeyForm(Advised, allauth.ResetPasswordKeyForm):
    """A new password, by a link that came as a mail."""
