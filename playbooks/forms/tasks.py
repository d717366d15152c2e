"""What does a person fill in about tasks and runs?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import CleanText, day_field
from accounts.models import User
from accounts.queries.accounts import people_who_serve
from playbooks.models import Task
from playbooks.queries.work import people_for


class VersionedForm(CleanText, forms.Form):
    """A form that knows which state of its row the person has read."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1, required=False)


class CompleteForm(VersionedForm):
    """What came of a task."""

    result = forms.CharField(
        label=_("What came of it"), max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReasonForm(VersionedForm):
    """Why a task is skipped, or a run paused."""

    reason = forms.CharField(label=_("Why"), max_length=500)


class StopForm(VersionedForm):
    """Why a run is stopped."""

    note = forms.CharField(label=_("Why"), max_length=500)


class SnoozeTaskForm(VersionedForm):
    """Until when a task is put off, and why."""

    until = day_field(label=_("Until the end of"))
    reason = forms.CharField(label=_("Why"), max_length=500)


class MoveForm(VersionedForm):
    """On which day a task is due."""

    due_on = day_field(label=_("Due"), required=False)
    shift_later = forms.BooleanField(label=_("Move the later open tasks of the run by as many days"), required=False)


class GiveForm(VersionedForm):
    """Who sees to a task or a run from now on."""

    to = forms.ModelChoiceField(queryset=User.objects.none(), label=_("Who"), empty_label=_("Choose"))

    def __init__(self, *args: Any, account_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = people_for(account_id)
        self.fields["to"].queryset = people_who_serve()  # type: ignore[attr-defined]
        self.fields["to"].choices = [("", _("Choose")), *((one.pk, one.name) for one in people)]  # type: ignore[attr-defined]


class NoteForm(CleanText, forms.Form):
    """A comment on a task, with or without a file."""

    text = forms.CharField(
        label=_("Comment"), max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    file = forms.FileField(label=_("File"), required=False, help_text=_("At most 10 MB."))


class TaskForm(CleanText, forms.Form):
    """A task by itself, or beside the steps of a run."""

    title = forms.CharField(label=_("What is to be done"), max_length=200)
    due_on = day_field(label=_("Due"), required=False)
    assignee = forms.ModelChoiceField(
        queryset=User.objects.none(), label=_("Who"), required=False, empty_label=_("Whoever takes it")
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[one for one in Task.Kind.choices if one[0] != Task.Kind.EMAIL], initial="task"
    )
    instructions = forms.CharField(
        label=_("Instructions"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, account_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = people_for(account_id)
        self.fields["assignee"].queryset = people_who_serve()  # type: ignore[attr-defined]
        self.fields["assignee"].choices = [("", _("Whoever takes it")), *((one.pk, one.name) for one in people)]  # type: ignore[attr-defined]
