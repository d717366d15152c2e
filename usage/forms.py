"""What does a person fill in about a ticket, an answer, a milestone or a reading?"""

from __future__ import annotations

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import RecordForm, day_field, strict_field
from accounts.models import Account, Contact, User
from usage.models import MilestoneReached, Reading, SurveyAnswer, Ticket


class FactForm(RecordForm):
    """A fact of one account, whose contacts are the choice."""

    account: Account

    def __init__(self, *args: object, person: User, account: Account, **kwargs: object) -> None:
        super().__init__(*args, person=person, **kwargs)
        self.account = account
        contact = self.fields.get("contact")
        if isinstance(contact, forms.ModelChoiceField):
            people: QuerySet[Contact] = Contact.objects.visible_to(person).filter(account=account)
            contact.queryset = people
            contact.empty_label = _("Nobody in particular")


class TicketForm(FactForm):
    """A call for help; save through `add_ticket` or `change_ticket`. An empty target is the one of the severity."""

    class Meta(RecordForm.Meta):
        model = Ticket
        fields = [
            *("subject", "severity", "contact", "is_complaint", "is_escalated"),
            *("opened_at", "target_at", "resolved_at", "satisfaction"),
        ]
        formfield_callback = strict_field

    def __init__(self, *args: object, person: User, account: Account, **kwargs: object) -> None:
        super().__init__(*args, person=person, account=account, **kwargs)
        self.fields["target_at"].required = False
        self.fields["target_at"].help_text = _("Empty: the target of its severity.")


class SurveyAnswerForm(FactForm):
    """What a contact answered; save through `add_answer` or `change_answer`."""

    class Meta(RecordForm.Meta):
        model = SurveyAnswer
        fields = ["kind", "score", "contact", "answered_on", "comment"]
        formfield_callback = strict_field


class MilestoneReachedForm(FactForm):
    """The day on which a milestone was reached; save through `reach_milestone`."""

    class Meta(RecordForm.Meta):
        model = MilestoneReached
        fields = ["milestone", "on"]
        formfield_callback = strict_field


class ReadingForm(FactForm):
    """What a metric read; save through `set_reading`."""

    on = day_field(label=_("Starting on"))

    class Meta(RecordForm.Meta):
        model = Reading
        fields = ["metric", "period", "on", "value"]
        formfield_callback = strict_field
