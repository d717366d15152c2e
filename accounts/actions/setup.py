"""How do the words and catalogues that all accounts share change: tags, custom fields, products?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import differences
from accounts.actions.traces import leave_audit
from accounts.models import Account, CustomField, Product, Tag, User
from common.errors import Refused

Shared = Tag | CustomField | Product
FIXED_ONCE_USED = ("key", "kind")


def _check_custom_field(field: CustomField) -> None:
    if (field.kind == CustomField.Kind.CHOICE) != bool(field.choices):
        message = (
            _("Choices belong to the kind “choice” alone.")
            if field.choices
            else _("Give at least one choice, one a line.")
        )
        raise Refused(message, field="choices")


@transaction.atomic
def add_shared(row: Shared, *, by: User, at: dt.datetime) -> Shared:
    """Add a tag, a custom field or a product."""
    if isinstance(row, CustomField):
        _check_custom_field(row)
    row.save(force_insert=True)
    leave_audit(f"{row._meta.model_name}.created", row, by=by, at=at)
    return row


@transaction.atomic
def change_shared(row: Shared, *, by: User, at: dt.datetime, **values: Any) -> Shared:
    """Change a tag, a custom field or a product; a field with values keeps its key and kind."""
    changes = differences(row, values)
    if isinstance(row, CustomField):
        fixed = [name for name in FIXED_ONCE_USED if name in changes]
        if fixed and Account.objects.filter(custom__has_key=row.key).exists():
            raise Refused(_("Accounts have values in this field, so its key and kind stay."), field=fixed[0])
    for name, value in values.items():
        setattr(row, name, value)
    if isinstance(row, CustomField):
        _check_custom_field(row)
    if changes:
        row.save(update_fields=list(values))
        leave_audit(f"{row._meta.model_name}.changed", row, by=by, at=at, changes=changes)
    return row


@transaction.atomic
def delete_shared(row: Shared, *, by: User, at: dt.datetime) -> None:
    """Delete a tag, a custom field or a product that nothing needs; values of a deleted field are kept unseen."""
    leave_audit(f"{row._meta.model_name}.deleted", row, by=by, at=at, changes={"name": [str(row), None]})
    row.delete()
