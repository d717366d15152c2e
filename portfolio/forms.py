"""What may a person send to the joined screens?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from common.formats import number
from portfolio.importing import shipped
from portfolio.importing.reader import SUFFIXES, Hints
from portfolio.importing.values import COMMA, POINT

ACCEPTED = ",".join([*SUFFIXES, ".zip", ".toml"])


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
