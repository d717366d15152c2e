"""Which shapes do accounts, their people and what they share have in the API?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from rest_framework import serializers

from accounts.models import (
    Account,
    AccountShare,
    Contact,
    CustomField,
    Product,
    SavedView,
    ServiceAssignment,
    Tag,
    Team,
    User,
)
from accounts.rules.roles import Capability
from accounts.serializers.fields import RecordSerializer, VisibleField, account_field, person_of
from common.serializers import (
    StrictBooleanField,
    StrictCharField,
    StrictDateField,
    StrictModelSerializer,
    StrictRelatedField,
    StrictSerializer,
)


class CustomValuesField(serializers.DictField):
    """Values of the organisation's own fields by their keys; the action checks each against its kind."""

    default_error_messages = {"not_a_dict": _lazy("Custom fields must be an object of keys and values.")}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Accept plain values alone: text, numbers, yes or no, null."""
        if not isinstance(data, dict):
            self.fail("not_a_dict")
        for key, value in data.items():
            if not (value is None or isinstance(value, str | int | float)) or len(str(value)) > 2000:
                message = _("Custom field %(key)s must be one plain value.") % {"key": str(key)[:80]}
                raise serializers.ValidationError(message, code="invalid")
        return dict(data)


class TagNamesField(serializers.ListField):
    """The names of an account's tags."""

    child = StrictCharField(max_length=50, label=_lazy("tag"))

    def get_attribute(self, instance: Account) -> list[str]:
        """Read the names from the prefetched tags."""
        return sorted(tag.name for tag in instance.tags.all())


class OwnerField(StrictRelatedField):
    """The person who owns an account, as it was annotated."""

    def get_attribute(self, instance: Account) -> int | None:
        """Read the id beside the row."""
        return getattr(instance, "owner_id", None)

    def to_representation(self, value: Any) -> Any:
        """Show the id."""
        return value


class AccountSerializer(StrictModelSerializer):
    """One customer company."""

    serializer_related_field = VisibleField
    tags = TagNamesField(required=False, max_length=50)
    custom = CustomValuesField(required=False)
    external_id = StrictCharField(max_length=128, required=False)
    owner = OwnerField(queryset=User.objects.active(), required=False)
    owner_name = serializers.CharField(read_only=True, allow_null=True, default=None)

    class Meta:
        model = Account
        fields = [
            "id", "external_id", "name", "domain", "industry", "region", "employees", "tier", "purchase_level",
            "stage", "parent", "signed_on", "live_on", "currency", "tags", "custom", "owner", "owner_name", "version",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["id", "created_at", "updated_at"]

    def get_fields(self) -> dict[str, serializers.Field]:
        """Let an owner be named when an account is made; later a service assignment changes it."""
        fields: dict[str, serializers.Field] = super().get_fields()
        if isinstance(self.instance, Account):
            fields["owner"].read_only = True
        return fields

    def validate_currency(self, value: str) -> str:
        """Accept a three-letter code."""
        if len(value) != 3 or not value.isascii() or not value.isupper():
            raise serializers.ValidationError(_("Currency must be a three-letter code like EUR."), code="invalid")
        return value

    def validate_owner(self, value: User) -> User:
        """Let only who assigns owners name another one than themselves."""
        person = person_of(self)
        if isinstance(person, User) and value != person and not person.can(Capability.ASSIGN_OWNERS):
            raise serializers.ValidationError(_("You may only make accounts of your own."), code="invalid")
        return value


class ContactSerializer(RecordSerializer):
    """One person at a customer; e-mail and phone only for who may see them."""

    account = account_field()
    needs = {"email": Capability.SEE_CONTACT_DETAILS, "phone": Capability.SEE_CONTACT_DETAILS}

    class Meta:
        model = Contact
        fields = [
            "id", "account", "external_id", "name", "title", "email", "phone", "role", "sentiment", "touched_on",
            "left_on", "version",
        ]  # fmt: skip


class ServiceAssignmentSerializer(RecordSerializer):
    """One person serving one account over a span of days."""

    account = account_field()
    user = StrictRelatedField(queryset=User.objects.active(), label=_lazy("Person"))
    started_on = StrictDateField(required=False, label=_lazy("From"))

    class Meta:
        model = ServiceAssignment
        fields = ["id", "account", "user", "role", "started_on", "ended_on"]
        read_only_fields = ["ended_on"]
        # The action answers in words; the model's own constraints would speak of fields that nobody sent.
        validators: list[Any] = []


class EndSerializer(StrictSerializer):
    """The day on which something ends; today unless given."""

    ended_on = StrictDateField(required=False)


class AccountShareSerializer(RecordSerializer):
    """One account shown to a person or a team."""

    account = account_field()
    user = StrictRelatedField(queryset=User.objects.active(), required=False, allow_null=True, label=_lazy("Person"))
    team = StrictRelatedField(queryset=Team.objects, required=False, allow_null=True, label=_lazy("Team"))

    class Meta:
        model = AccountShare
        fields = ["id", "account", "user", "team", "shared_by", "shared_at"]
        read_only_fields = ["shared_by", "shared_at"]
        validators: list[Any] = []


class TagSerializer(StrictModelSerializer):
    """A word that people stick on accounts."""

    class Meta:
        model = Tag
        fields = ["id", "name"]


class CustomFieldSerializer(StrictModelSerializer):
    """A field that this organisation added to its accounts."""

    key = serializers.RegexField(
        r"\A[a-z][a-z0-9_]{0,39}\Z",
        error_messages={"invalid": _lazy("Key: small letters, digits and _, beginning with a letter, at most 40.")},
    )
    choices = serializers.ListField(
        child=StrictCharField(max_length=100, label=_lazy("choice")), required=False, max_length=200
    )

    class Meta:
        model = CustomField
        fields = ["id", "key", "label", "kind", "choices", "help_text", "position"]

    def validate_key(self, value: str) -> str:
        """Keep each key to one field."""
        others = CustomField.objects.filter(key=value)
        if isinstance(self.instance, CustomField):
            others = others.exclude(pk=self.instance.pk)
        if others.exists():
            raise serializers.ValidationError(_("A field with this key exists already."), code="unique")
        return value


class ProductSerializer(StrictModelSerializer):
    """One thing that the company sells."""

    class Meta:
        model = Product
        fields = ["id", "external_id", "name"]


class SavedViewSerializer(StrictModelSerializer):
    """Filter, sort and columns of a list under a name."""

    for_team = StrictBooleanField(required=False, write_only=True)

    class Meta:
        model = SavedView
        fields = ["id", "name", "page", "query", "for_team", "team", "owner", "created_at"]
        read_only_fields = ["team", "owner", "created_at"]
        validators: list[Any] = []
