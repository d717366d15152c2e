"""What does an admin fill in about the organisation as a whole?"""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomField, Handoff, Holiday, Organisation, RegionCalendar, Tag
from common import money
from common.filters import DayField
from common.forms import DraftForm


def time_zones() -> list[tuple[str, str]]:
    """Name the zones that a person would look for: cities, and UTC."""
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [(name, name.replace("_", " ")) for name in ["UTC", *names]]


def currencies() -> list[tuple[str, str]]:
    """Name the currencies."""
    return [(code, code) for code in money.currencies()]


def sections() -> list[tuple[str, str]]:
    """Name the sections of a handoff file."""
    return [(name, str(Handoff._meta.get_field(name).verbose_name).capitalize()) for name in Handoff.SECTIONS]  # type: ignore[union-attr]


class OrganisationForm(DraftForm):
    """What holds for everybody."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=time_zones, help_text=_("Decides what “a day” means in every figure.")
    )
    reporting_currency = forms.ChoiceField(label=_("Reporting currency"), choices=currencies)
    working_days = forms.TypedMultipleChoiceField(
        label=_("Working days"), coerce=int, choices=list(WEEKDAYS.items()), widget=forms.CheckboxSelectMultiple
    )
    handoff_required_sections = forms.MultipleChoiceField(
        label=_("Required handoff sections"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=sections,
        help_text=_("A handoff cannot be accepted while one of these is empty."),
    )

    class Meta:
        model = Organisation
        fields = (
            *("name", "time_zone", "reporting_currency", "renewal_gap_days"),
            *("elephant_label", "cheetah_label", "rabbit_label"),
            *("working_days", "workday_starts", "workday_ends"),
            *("handoff_target_hours", "handoff_required_sections"),
            *("override_days", "override_most_days", "override_notice_days", "digest_at"),
        )
        widgets = {
            "workday_starts": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "workday_ends": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "digest_at": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        }

    def clean(self) -> dict[str, Any]:
        """A working day has to last."""
        values: dict[str, Any] = super().clean() or {}
        starts, ends = values.get("workday_starts"), values.get("workday_ends")
        if starts and ends and ends <= starts:
            self.add_error("workday_ends", _("The working day must end after it starts."))
        if (values.get("override_days") or 0) > (values.get("override_most_days") or 366):
            self.add_error("override_days", _("What the form proposes must not be longer than the longest override."))
        return values


class HolidayForm(forms.Form):
    """One day on which nobody works."""

    on = DayField(label=_("Day"))
    name = forms.CharField(label=_("Name"), max_length=Holiday._meta.get_field("name").max_length)
    region = forms.CharField(
        label=_("Region"), required=False, max_length=Holiday._meta.get_field("region").max_length,
        help_text=_("Empty: a holiday everywhere."),
    )  # fmt: skip


class RegionCalendarForm(forms.Form):
    """On which days people of one region work."""

    region = forms.CharField(
        label=_("Region"), max_length=RegionCalendar._meta.get_field("region").max_length,
        help_text=_("As it stands with the accounts."),
    )  # fmt: skip
    working_days = forms.TypedMultipleChoiceField(
        label=_("Working days"), coerce=int, choices=list(WEEKDAYS.items()), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Two forms of one page both ask for a region.
        super().__init__(*args, **{"auto_id": "week_%s", **kwargs})


class TagForm(forms.Form):
    """One word for accounts."""

    name = forms.CharField(label=_("Name"), max_length=Tag._meta.get_field("name").max_length)

    def __init__(self, *args: Any, tag: Tag | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tag = tag

    def clean_name(self) -> str:
        """Refuse a word that is a tag already."""
        name: str = self.cleaned_data["name"]
        if Tag.objects.exclude(pk=self.tag.pk if self.tag else 0).filter(name__iexact=name).exists():
            raise forms.ValidationError(_("This tag exists already."), code="unique")
        return name


class CustomFieldForm(DraftForm):
    """A field that the organisation adds to its accounts."""

    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line; only for the kind “choice”."),
    )

    class Meta:
        model = CustomField
        fields = ("label", "key", "kind", "choices", "help_text", "position")
        help_texts = {
            "key": _("How imports and the API call it: small letters, digits and _."),
            "position": _("Smaller numbers stand first."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.initial.get("choices"), list):
            self.initial["choices"] = "\n".join(self.initial["choices"])

    def clean_choices(self) -> list[str]:
        """Read one choice from each line, each once."""
        lines = (line.strip() for line in self.cleaned_data["choices"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def clean_key(self) -> str:
        """Refuse a key that another field has."""
        key: str = self.cleaned_data["key"].replace("-", "_").lower()
        if CustomField.objects.exclude(pk=self.instance.pk or 0).filter(key=key).exists():
            raise forms.ValidationError(_("A field with this key exists already."), code="unique")
        return key
