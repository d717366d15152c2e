"""Which parts do the serializers of account records share?"""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework import serializers

from accounts.models import Account, User
from accounts.rules.roles import Capability
from common.serializers import StrictModelSerializer, StrictRelatedField


def person_of(serializer: serializers.BaseSerializer | serializers.Field) -> Any:
    """Give who asks; a stranger where the schema is drawn."""
    request = serializer.context.get("request")
    return getattr(request, "user", None)


class VisibleField(StrictRelatedField):
    """The id of a row that the person may see; any other does not exist."""

    def get_queryset(self) -> Any:
        """Restrict the choice to what may be seen."""
        rows: Any = super().get_queryset()
        person = person_of(self)
        return rows if rows is None or person is None else rows.visible_to(person)


class RecordSerializer(StrictModelSerializer):
    """A row of an account: the account is chosen once, and what a person may not see is not there."""

    serializer_related_field = VisibleField
    fixed: tuple[str, ...] = ("account",)
    needs: dict[str, Capability] = {}

    def get_fields(self) -> dict[str, serializers.Field]:
        """Leave out what needs a right, and fix what does not change once made."""
        fields: dict[str, serializers.Field] = super().get_fields()
        person = person_of(self)
        if isinstance(person, User):
            for name, capability in self.needs.items():
                if not person.can(capability):
                    fields.pop(name)
        if isinstance(self.instance, models.Model):
            for name in self.fixed:
                if name in fields:
                    fields[name].read_only = True
        return fields


def account_field(**kwargs: Any) -> VisibleField:
    """Choose one of the accounts that the person may see."""
    return VisibleField(queryset=Account.objects, label=Account._meta.verbose_name, **kwargs)
