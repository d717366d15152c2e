"""What may a person send to the joined screens?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms.accounts import TransferForm
from accounts.forms.base import CleanText, day_field
from accounts.models import Account, User
from accounts.queries.accounts import people_who_serve
from common.errors import Conflict
from common.filters import NumberField
from common.formats import number
from common.forms import DraftForm
from portfolio.importing import shipped
from portfolio.importing.reader import SUFFIXES, Hints
from portfolio.importing.values import COMMA, POINT
from portfolio.models import RecommendationPolicy
from revenue.models import Call, Renewal, Risk

ACCEPTED = ",".join([*SUFFIXES, ".zip", ".toml"])


class RecommendationPolicyForm(DraftForm):
    """For how long answers hold, and when a reason is mostly wrong."""

    class Meta:
        model = RecommendationPolicy
        fields = ("later_days", "done_days", "wrong_days", "wrong_percent", "least_shown")


class FilesInput(forms.FileInput):
    """A field in which several files can be chosen."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files; each is checked by the action that keeps it."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Give the files as a list."""
        files = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if not files and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return files


class HandoverForm(TransferForm):
    """Which accounts go to whom, and who sees to what goes on in them."""

    work_to = forms.ModelChoiceField(
        queryset=User.objects.none(), label=_("Open tasks and runs go to"), required=False,
        empty_label=_("The new owner"),
    )  # fmt: skip
    field_order = ("to", "work_to", "note", "accounts")

    def __init__(self, *args: Any, person: User, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, person=person, owner=owner, **kwargs)
        people = people_who_serve().exclude(pk=owner.pk).order_by("name", "pk")
        self.fields["work_to"].queryset = people  # type: ignore[attr-defined]


class ImportForm(forms.Form):
    """A book: its files, and the mapping that names foreign columns."""

    book = FilesField(
        label=_("Files"),
        error_messages={"required": _("Choose a file.")},
        widget=FilesInput(attrs={"accept": ACCEPTED}),
    )
    shipped_mapping = forms.ChoiceField(label=_("The columns are named"), required=False)
    own_mapping = forms.FileField(
        label=_("Your mapping file"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".toml"}),
        help_text=_("A .toml file that says which of your columns is which of ours. It goes before the choice above."),
    )

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._too_large = too_large
        limit = number(settings.IMPORT_MAX_BYTES // 2**20)
        self.fields["book"].help_text = _text(
            "CSV or .xlsx, several at once or together in a .zip, at most %(limit)s MB."
        ) % {"limit": limit}
        self.fields["shipped_mapping"].choices = [  # type: ignore[attr-defined]
            ("", _text("as in Mainstay’s own format")),
            *((key, _text("as in the example “%(name)s”") % {"name": name}) for key, (name, _f) in _mappings()),
        ]

    def add_error(self, field: str | None, error: Any) -> None:
        """Say that it was too much where otherwise no file would seem to be chosen."""
        if self._too_large and field == "book":
            limit = number(settings.IMPORT_MAX_BYTES // 2**20)
            words = _text(
                "The files are larger than %(limit)s MB together. Send fewer at once, or put them in a folder on the "
                "server and run import_book there."
            )
            error = forms.ValidationError(words % {"limit": limit}, code="too_large")
        super().add_error(field, error)


def _mappings() -> Any:
    return shipped.mappings().items()


class HintsForm(forms.Form):
    """How the files are written, where that cannot be found out from them."""

    dates = forms.ChoiceField(
        label=_("Dates"),
        required=False,
        choices=[("", _("found out")), ("YMD", "2026-12-31"), ("DMY", "31/12/2026"), ("MDY", "12/31/2026")],
    )
    numbers = forms.ChoiceField(
        label=_("Numbers"), required=False, choices=[("", _("found out")), (POINT, POINT), (COMMA, COMMA)]
    )
    encoding = forms.ChoiceField(
        label=_("Letters"),
        required=False,
        choices=[
            ("", _("found out")),
            *((name, name) for name in ("UTF-8", "UTF-16", "GBK", "Big5", "Windows-1252")),
        ],
    )

    def hints(self) -> Hints:
        """Give what was said in the form that the reader takes."""
        return Hints(**self.cleaned_data)


class ForecastForm(forms.Form):
    """What is expected of one renewal, typed into its cell; `version` is what the person has read."""

    amount = NumberField(label=_("Forecast"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    conflict: Conflict | None = None


class CallForm(CleanText, forms.Form):
    """A person's call on one renewal."""

    kind = forms.ChoiceField(choices=[("csm", _("CSM’s call")), ("final", _("Final call"))])
    call = forms.ChoiceField(choices=Call.choices, label=pgettext_lazy("renewal", "Call"))
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class RiskForm(CleanText, forms.Form):
    """A risk of one account; save through `open_risk`."""

    kind = forms.ChoiceField(label=_("Type"), choices=Risk.Kind.choices)
    reason = forms.CharField(label=_("Reason"), max_length=500)
    arr_at_risk = NumberField(label=_("ARR at risk"), help_text=_("At most what the account pays."))
    renewal = forms.ModelChoiceField(
        Renewal.objects.none(), label=_("Renewal"), required=False, empty_label=_("None in particular")
    )
    update_due_on = day_field(
        label=_("Next update due"),
        required=False,
        help_text=_("Empty: in a week if the renewal is near, else in a month."),
    )

    def __init__(self, *args: Any, account: Account, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Renewal.objects.visible_to(person).filter(account=account, stage__in=Renewal.OPEN)
        self.fields["renewal"].queryset = rows.order_by("due_on", "pk")  # type: ignore[attr-defined]


class RiskUpdateForm(CleanText, forms.Form):
    """How a risk stands; save through `update_risk`."""

    note = forms.CharField(label=_("What is new"), max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))
    arr_at_risk = NumberField(label=_("ARR at risk now"), required=False, help_text=_("Empty: as before."))
    update_due_on = day_field(
        label=_("Next update due"),
        required=False,
        help_text=_("Empty: in a week if the renewal is near, else in a month."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    conflict: Conflict | None = None


class RiskCloseForm(CleanText, forms.Form):
    """What became of a risk; save through `close_risk`."""

    outcome = forms.ChoiceField(label=_("What became of it"), choices=Risk.Outcome.choices)
    note = forms.CharField(label=_("Note"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    conflict: Conflict | None = None
