"""What does a person fill in about an account, its people and its service team?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText, RecordForm, day_field, split_words, strict_field
from accounts.models import Account, AccountShare, ChurnRecord, Contact, CustomField, ServiceAssignment, Team, User
from accounts.queries.accounts import people_who_serve
from accounts.rules.roles import Capability
from common.filters import NumberField

CUSTOM = "custom_"


class TagsField(forms.CharField):
    """Words separated by commas."""

    def clean(self, value: Any) -> list[str]:
        """Read the words."""
        return split_words(super().clean(value))


def custom_form_field(field: CustomField) -> forms.Field:
    """Make the field that reads one custom field; the action checks the value against its kind."""
    common: dict[str, Any] = {"label": field.label, "required": False, "help_text": field.help_text}
    kinds = CustomField.Kind
    if field.kind == kinds.CHOICE:
        return forms.ChoiceField(choices=[("", "–"), *((choice, choice) for choice in field.choices)], **common)
    if field.kind == kinds.YES_NO:
        return forms.ChoiceField(choices=[("", "–"), ("yes", _("Yes")), ("no", _("No"))], **common)
    if field.kind == kinds.DATE:
        return day_field(**common)
    if field.kind == kinds.NUMBER:
        return NumberField(places=6, **common)
    return forms.CharField(max_length=500, **common)


def custom_initial(field: CustomField, value: Any) -> Any:
    """Show a stored custom value in its form field."""
    if field.kind == CustomField.Kind.YES_NO and value is not None:
        return "yes" if value else "no"
    return value


class AccountForm(RecordForm):
    """An account with its tags and the organisation's own fields."""

    tags = TagsField(label=_("Tags"), required=False, help_text=_("Separate tags by commas."), max_length=1000)

    class Meta(RecordForm.Meta):
        model = Account
        fields = [
            "name", "external_id", "domain", "industry", "region", "employees", "tier", "purchase_level", "stage",
            "parent", "signed_on", "live_on", "currency",
        ]  # fmt: skip
        formfield_callback = strict_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.custom_fields = list(CustomField.objects.visible_to(self.person))
        for field in self.custom_fields:
            made = custom_form_field(field)
            made.initial = custom_initial(field, self.instance.custom.get(field.key))
            self.fields[CUSTOM + field.key] = made
        self.fields["external_id"].required = False
        self.fields["parent"] = forms.CharField(
            label=_("Parent account"), required=False, max_length=200,
            help_text=_("Name or external id of the account above this one."),
        )  # fmt: skip
        parent = self.instance.parent if self.instance.parent_id else None
        self.initial["parent"] = parent.name if parent else ""
        if parent and not Account.objects.visible_to(self.person).filter(pk=parent.pk).exists():
            # Who may not see the account above neither reads its name here nor takes it away.
            del self.fields["parent"]
        if self.instance.pk:
            self.initial["tags"] = ", ".join(self.instance.tags.values_list("name", flat=True))
        else:
            self.initial["external_id"] = ""

    def clean_currency(self) -> str:
        """Accept a three-letter code, whatever its case."""
        code = self.cleaned_data["currency"].strip().upper()
        if len(code) != 3 or not code.isascii() or not code.isalpha():
            raise forms.ValidationError(_("Currency must be a three-letter code like EUR."))
        return code

    def clean_parent(self) -> Account | None:
        """Find the one visible account that has this name or external id."""
        wanted = self.cleaned_data["parent"].strip()
        if not wanted:
            return None
        visible = Account.objects.visible_to(self.person)
        found = list(visible.filter(external_id=wanted)[:1]) or list(visible.filter(name__iexact=wanted)[:2])
        if len(found) != 1:
            message = _("Several accounts have this name. Use the external id.") if found else _("No such account.")
            raise forms.ValidationError(message)
        return found[0]

    def values(self) -> dict[str, Any]:
        """Give the values as the action takes them."""
        cleaned = dict(self.cleaned_data)
        custom = {field.key: cleaned.pop(CUSTOM + field.key) for field in self.custom_fields}
        cleaned.pop("tags", None)
        return cleaned | {"custom": custom}


class TagsForm(CleanText, forms.Form):
    """The tags of an account alone."""

    tags = TagsField(label=_("Tags"), required=False, help_text=_("Separate tags by commas."), max_length=1000)


class ContactForm(RecordForm):
    """A person at a customer."""

    class Meta(RecordForm.Meta):
        model = Contact
        fields = ["name", "title", "role", "sentiment", "email", "phone", "touched_on", "left_on"]
        formfield_callback = strict_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.person.can(Capability.SEE_CONTACT_DETAILS):
            del self.fields["email"], self.fields["phone"]
        if not self.instance.pk:
            del self.fields["left_on"]


class LeftForm(forms.Form):
    """When a contact left."""

    left_on = day_field(label=_("Left on"), required=False)


class AssignmentForm(forms.Form):
    """Who serves an account from when on."""

    user = forms.ModelChoiceField(queryset=User.objects.none(), label=_("Person"), empty_label=_("Choose"))
    role = forms.ChoiceField(choices=ServiceAssignment.Role.choices, label=_("Role"))
    started_on = day_field(label=_("From"), required=False, help_text=_("Today unless given."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people_who_serve()  # type: ignore[attr-defined]


class ShareForm(forms.Form):
    """To whom an account is shown."""

    user = forms.ModelChoiceField(queryset=User.objects.none(), label=_("Person"), required=False)
    team = forms.ModelChoiceField(queryset=Team.objects.none(), label=_("Team"), required=False)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = AccountShare.objects.filter(account=account)
        people = User.objects.active().exclude(pk__in=known.filter(user__isnull=False).values("user"))
        self.fields["user"].queryset = people  # type: ignore[attr-defined]
        teams = Team.objects.exclude(pk__in=known.filter(team__isnull=False).values("team"))
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]


class TransferForm(forms.Form):
    """Which accounts go to whom."""

    to = forms.ModelChoiceField(queryset=User.objects.none(), label=_("New owner"), empty_label=_("Choose"))
    note = forms.CharField(
        label=_("Note for the new owner"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Goes on the timeline of every account that moves."),
    )  # fmt: skip
    accounts = forms.ModelMultipleChoiceField(queryset=Account.objects.none(), label=_("Accounts"))

    def __init__(self, *args: Any, person: User, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people_who_serve().exclude(pk=owner.pk)  # type: ignore[attr-defined]
        mine = ServiceAssignment.objects.current().owners().filter(user=owner).values("account")
        choice = Account.objects.visible_to(person).filter(pk__in=mine)
        self.fields["accounts"].queryset = choice  # type: ignore[attr-defined]
        self.fields["accounts"].error_messages["required"] = _("Choose at least one account.")


class ChurnForm(RecordForm):
    """Why and when a customer left."""

    class Meta(RecordForm.Meta):
        model = ChurnRecord
        fields = [
            "on", "reason", "notice_on", "arr_lost", "currency", "is_failed_payment", "study", "would_have_saved",
            "fix", "fix_done_on", "won_back_on",
        ]  # fmt: skip
        formfield_callback = strict_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.person.can(Capability.SEE_MONEY):
            del self.fields["arr_lost"], self.fields["currency"]

    def clean_arr_lost(self) -> Any:
        """Refuse a negative loss."""
        value = self.cleaned_data["arr_lost"]
        if value is not None and value < 0:
            raise forms.ValidationError(_("ARR lost cannot be below 0."))
        return value
