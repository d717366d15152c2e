"""Which values does the API accept, and what does it say of the others?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from rest_framework import serializers

from common import money, periods, text
from common.errors import Conflict, Refused


def label_of(field: serializers.Field) -> str:
    """The name of a field in a sentence."""
    named: Any = field.parent if isinstance(field.parent, serializers.ManyRelatedField) else field
    return str(capfirst(named.label or (named.field_name or "").replace("_", " ")))


def refuse(refusal: Refused) -> serializers.ValidationError:
    """Turn a refusal of a reader into an error of its field."""
    return serializers.ValidationError(str(refusal), code=refusal.code)


class StrictCharField(serializers.CharField):
    """Text that can be stored and seen."""

    def to_internal_value(self, data: Any) -> str:
        """Accept text alone; a number is not a name."""
        if not isinstance(data, str):
            raise serializers.ValidationError(_("%(label)s must be text.") % {"label": label_of(self)}, code="invalid")
        lines = self.style.get("base_template") == "textarea.html"
        try:
            return text.clean(
                data, label_of(self), max_length=self.max_length, lines=lines, required=not self.allow_blank
            )
        except Refused as refusal:
            raise refuse(refusal) from None


class StrictEmailField(StrictCharField, serializers.EmailField):
    """An e-mail address."""


class StrictURLField(StrictCharField, serializers.URLField):
    """An address in the web."""


class StrictDecimalField(serializers.DecimalField):
    """A number kept exactly as sent."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """Treat only null as empty."""
        return serializers.Field.validate_empty_values(self, data)

    def to_internal_value(self, data: Any) -> Decimal:
        """Accept a JSON number, or a string that keeps the digits apart from floating point."""
        label = label_of(self)
        if isinstance(data, bool) or not isinstance(data, (str, int, float, Decimal)):
            data = "?"
        places = self.decimal_places if self.decimal_places is not None else 2
        below = Decimal(10) ** self.max_whole_digits if self.max_whole_digits else money.BELOW
        minimum = None if self.min_value is None else Decimal(str(self.min_value))
        try:
            written = repr(data) if isinstance(data, float) else str(data)
            number = money.parse_decimal(written, label, places=places, minimum=minimum, below=below)
        except Refused as refusal:
            raise refuse(refusal) from None
        if self.max_value is not None and number > self.max_value:
            message = _("%(label)s cannot be above %(maximum)s.")
            raise serializers.ValidationError(message % {"label": label, "maximum": self.max_value}, code="too_large")
        return number.quantize(Decimal(1).scaleb(-places))


class StrictIntegerField(serializers.IntegerField):
    """A whole number that the column can hold."""

    def __init__(self, **kwargs: Any) -> None:
        # SQLite would store what PostgreSQL refuses, so the bounds are ours.
        kwargs.setdefault("max_value", 2**31 - 1)
        kwargs.setdefault("min_value", -(2**31))
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        """Accept a JSON integer alone."""
        label = label_of(self)
        if isinstance(data, bool) or not isinstance(data, int):
            raise serializers.ValidationError(_("%(label)s must be a whole number.") % {"label": label}, code="invalid")
        if self.min_value is not None and data < self.min_value:
            message = _("%(label)s cannot be below %(limit)s.") % {"label": label, "limit": f"{self.min_value:,}"}
            raise serializers.ValidationError(message, code="out_of_range")
        if self.max_value is not None and data > self.max_value:
            message = _("%(label)s cannot be above %(limit)s.") % {"label": label, "limit": f"{self.max_value:,}"}
            raise serializers.ValidationError(message, code="out_of_range")
        return data


class StrictFloatField(serializers.FloatField):
    """A number where exactness does not matter."""

    def to_internal_value(self, data: Any) -> float:
        """Accept a JSON number alone; the parser has refused infinite ones."""
        if isinstance(data, bool) or not isinstance(data, (int, float)) or abs(data) > 1e300:
            raise serializers.ValidationError(
                _("%(label)s must be a number.") % {"label": label_of(self)}, code="invalid"
            )
        return float(data)


class StrictBooleanField(serializers.BooleanField):
    """Yes or no."""

    def to_internal_value(self, data: Any) -> bool:
        """Accept true and false alone."""
        if not isinstance(data, bool):
            message = _("%(label)s must be true or false.")
            raise serializers.ValidationError(message % {"label": label_of(self)}, code="invalid")
        return data


class StrictDateField(serializers.DateField):
    """A day."""

    def to_internal_value(self, value: Any) -> dt.date:
        """Accept a day of this century, written like 2026-03-31."""
        try:
            return periods.parse_day(value if isinstance(value, str) else "", label_of(self))
        except Refused as refusal:
            raise refuse(refusal) from None


class StrictDateTimeField(serializers.DateTimeField):
    """An instant."""

    def to_internal_value(self, value: Any) -> dt.datetime:
        """Accept a time with its offset."""
        try:
            return periods.parse_instant(value if isinstance(value, str) else "", label_of(self))
        except Refused as refusal:
            raise refuse(refusal) from None


class StrictRelatedField(serializers.PrimaryKeyRelatedField):
    """The id of another row; give it a queryset that is restricted to what the person sees."""

    def to_internal_value(self, data: Any) -> Any:
        """Accept an id of a row that may be seen; others do not exist."""
        if isinstance(data, bool) or not isinstance(data, (int, str)) or len(str(data)) > 40:
            message = _("%(label)s must be an id.")
            raise serializers.ValidationError(message % {"label": label_of(self)}, code="invalid")
        try:
            return super().to_internal_value(data)
        except (serializers.ValidationError, OverflowError):
            message = _("%(label)s %(id)s does not exist.") % {"label": label_of(self), "id": data}
            raise serializers.ValidationError(message, code="does_not_exist") from None


class StrictFields:
    """Refuses unknown fields and stale versions, and names the field in each message."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Give each field messages with its own name."""
        fields: dict[str, serializers.Field] = super().get_fields()  # type: ignore[misc]
        for name, field in fields.items():
            label = str(capfirst(field.label or name.replace("_", " ")))
            messages = field.error_messages
            messages["required"] = messages["null"] = _("%(label)s is required.") % {"label": label}
            messages["blank"] = _("%(label)s needs a visible character.") % {"label": label}
            if isinstance(field, serializers.ChoiceField):
                choices = ", ".join(str(choice) for choice in field.choices if choice != "")
                message = _("%(label)s must be one of %(choices)s.") % {"label": label, "choices": choices}
                messages["invalid_choice"] = message.replace("{", "{{").replace("}", "}}")
        if "version" in fields and self.instance is None:  # type: ignore[attr-defined]
            fields["version"].required = False
        return fields

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Check the shape first, then the values, then that nobody saved meanwhile."""
        if data is not serializers.empty and not isinstance(data, Mapping):
            message = serializers.ErrorDetail(_("Send one object."), "not_an_object")
            raise serializers.ValidationError({"non_field_errors": [message]})
        errors = self._unknown(data) if isinstance(data, Mapping) else {}
        try:
            values = super().run_validation(data)  # type: ignore[misc]
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                errors.update(error.detail)
                raise serializers.ValidationError(errors) from None
            raise
        if errors:
            raise serializers.ValidationError(errors)
        if isinstance(data, Mapping) and values is not None:
            self._check_version(values)
        return values

    def _unknown(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Name the sent fields that nobody may set here."""
        fields = self.fields  # type: ignore[attr-defined]
        known = {name for name, field in fields.items() if not field.read_only}
        found: dict[str, Any] = {}
        for name in list(data)[:200]:
            if name not in known:
                shown = str(name)[:80]
                message = _("Unknown field: %(name)s.") % {"name": shown}
                found[shown] = [serializers.ErrorDetail(message, "unknown_field")]
        if "version" in known and isinstance(self.instance, models.Model) and "version" not in data:  # type: ignore[attr-defined]
            message = _("Version is required: send the one that you have read.")
            found["version"] = [serializers.ErrorDetail(message, "required")]
        return found

    def _check_version(self, values: dict[str, Any]) -> None:
        """Refuse a change of something that somebody else has changed since it was read."""
        instance = self.instance  # type: ignore[attr-defined]
        if not isinstance(instance, models.Model):
            values.pop("version", None)
            return
        if "version" in values and values["version"] != instance.version:  # type: ignore[attr-defined]
            stored = self.to_representation(instance)  # type: ignore[attr-defined]
            sent = {name: self.initial_data[name] for name in stored if name in self.initial_data}  # type: ignore[attr-defined]
            differing = {name: (stored[name], value) for name, value in sent.items() if stored[name] != value}
            raise Conflict(_("Someone else saved this meanwhile. Load it again and repeat your change."), differing)


class StrictSerializer(StrictFields, serializers.Serializer):
    """A serializer of plain values."""


class StrictModelSerializer(StrictFields, serializers.ModelSerializer):
    """A serializer of a model. If its fields have a `version`, an update must send the one it has read."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: StrictCharField,
        models.TextField: StrictCharField,
        models.EmailField: StrictEmailField,
        models.URLField: StrictURLField,
        models.DecimalField: StrictDecimalField,
        models.IntegerField: StrictIntegerField,
        models.BigIntegerField: StrictIntegerField,
        models.SmallIntegerField: StrictIntegerField,
        models.PositiveIntegerField: StrictIntegerField,
        models.PositiveBigIntegerField: StrictIntegerField,
        models.PositiveSmallIntegerField: StrictIntegerField,
        models.FloatField: StrictFloatField,
        models.BooleanField: StrictBooleanField,
        models.DateField: StrictDateField,
        models.DateTimeField: StrictDateTimeField,
    }
    serializer_related_field = StrictRelatedField

    def build_standard_field(self, field_name: str, model_field: Any) -> tuple[type, dict[str, Any]]:
        """Bound whole numbers by their column, on every database alike."""
        field_class, kwargs = super().build_standard_field(field_name, model_field)
        if issubclass(field_class, StrictIntegerField):
            kind = model_field.get_internal_type()
            bits = 63 if "Big" in kind else 15 if "Small" in kind else 31
            lowest = 0 if kind.startswith("Positive") else -(2**bits)
            kwargs["max_value"] = min(kwargs.get("max_value", 2**bits - 1), 2**bits - 1)
            kwargs["min_value"] = max(kwargs.get("min_value", lowest), lowest)
        return field_class, kwargs
