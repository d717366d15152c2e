"""What does a person fill in about sharing sessions?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText, RecordForm, WholeField, day_field, strict_field
from accounts.models import Account, Contact, Product, Tag, User
from advocacy.forms.fields import AccountNameField
from advocacy.models import Advocate, SessionInvitation, SharingSession
from advocacy.queries.sessions import Segment, industries_shown_to
from health.models import HealthScore

BANDS = [choice for choice in HealthScore.Band.choices if choice[0] in ("green", "yellow", "red")]


class SessionForm(RecordForm):
    """When and where a session is, and what it is about; save through `plan_session` and `change_session`."""

    class Meta(RecordForm.Meta):
        model = SharingSession
        fields = ["name", "on", "starts_at", "place", "topic", "product", "host", "seats"]
        formfield_callback = strict_field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_at"].widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
        self.fields["topic"].widget = forms.Textarea(attrs={"rows": 4})
        self.fields["seats"] = WholeField(
            label=_("Seats"), required=False, min_value=1, max_value=100_000,
            help_text=_("How many customers fit in; empty for no limit."),
        )  # fmt: skip
        hosts: Any = self.fields["host"]
        hosts.queryset = User.objects.active().order_by("name", "pk")


class CancelSessionForm(CleanText, forms.Form):
    """Why a session is called off; save through `cancel_session`."""

    reason = forms.CharField(label=_("Why"), max_length=500)


class SegmentForm(forms.Form):
    """Which customers to invite; every choice narrows."""

    tier = forms.MultipleChoiceField(
        label=_("Tier"), choices=Account.Tier.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    band = forms.MultipleChoiceField(
        label=_("Health"), choices=BANDS, required=False, widget=forms.CheckboxSelectMultiple
    )
    industry = forms.ChoiceField(label=_("Industry"), required=False)
    product = forms.ModelChoiceField(
        Product.objects.none(), label=_("Pays for"), required=False, empty_label=_("Any product")
    )
    tag = forms.ModelMultipleChoiceField(
        Tag.objects.none(), label=_("Tags"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["industry"].choices = [("", _("Any industry")), *((name, name) for name in industries_shown_to(person))]
        fields["product"].queryset = Product.objects.visible_to(person)
        fields["tag"].queryset = Tag.objects.visible_to(person)

    def segment(self) -> Segment:
        """What was chosen; everybody while something is wrong is nobody's wish, so the view asks `is_valid` first."""
        chosen = self.cleaned_data
        return Segment(
            tiers=tuple(chosen["tier"]), industry=chosen["industry"], bands=tuple(chosen["band"]),
            product_id=chosen["product"].pk if chosen["product"] else None,
            tag_ids=tuple(tag.pk for tag in chosen["tag"]),
        )  # fmt: skip


class InvitationContactForm(forms.Form):
    """Who of a customer is invited, or came; save through `change_invitation`."""

    contact = forms.ModelChoiceField(
        Contact.objects.none(), label=_("Contact"), required=False, empty_label=_("Not known")
    )

    def __init__(self, *args: Any, invitation: SessionInvitation, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"contact": invitation.contact_id}} | kwargs)
        rows = Contact.objects.visible_to(person).filter(account=invitation.account_id)
        self.fields["contact"].queryset = rows  # type: ignore[attr-defined]


class WalkInForm(forms.Form):
    """Who came without an invitation; save through `record_attendance`."""

    account = AccountNameField(label=_("Account"), help_text=_("Name or external id of the customer that came."))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].person = person  # type: ignore[attr-defined]


class FollowUpForm(forms.Form):
    """Until when those who came are to be spoken to; save through `plan_follow_ups`."""

    due_on = day_field(label=_("Follow up by"), help_text=_("It comes up on the owner’s Today page on that day."))


class TalkForm(CleanText, forms.Form):
    """Which advocate speaks about what; save through `add_talk`."""

    advocate = forms.ModelChoiceField(Advocate.objects.none(), label=_("Advocate"))
    title = forms.CharField(label=_("Title of the talk"), max_length=200)

    def __init__(self, *args: Any, session: SharingSession, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = Advocate.objects.visible_to(person).exclude(stage=Advocate.Stage.WITHDRAWN)
        shown = shown.filter(contact__left_on=None).exclude(talks__session=session)
        field: Any = self.fields["advocate"]
        field.queryset = shown.select_related("contact", "account").order_by("account__name", "contact__name", "pk")
        field.label_from_instance = lambda one: f"{one.contact.name} · {one.account.name}"
