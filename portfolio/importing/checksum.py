"""Do two databases hold the same book, whatever ids they gave its rows?"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from django.db import models

from portfolio.importing.targets import TARGETS, Target
from revenue.models import Movement
from usage.models import AccountFeatureUse, AccountPersonUse, AccountUsageDay, FeatureUsageDay

# What follows from the imported rows has to be the same as well.
DERIVED: tuple[type[models.Model], ...] = (
    Movement,
    FeatureUsageDay,
    AccountUsageDay,
    AccountFeatureUse,
    AccountPersonUse,
)


def content_checksum() -> str:
    """A fingerprint of all imported rows and of what follows from them, without ids and times of writing."""
    total = blake2b(digest_size=16)
    for name, one in sorted(checksums().items()):
        total.update(f"{name}={one}\n".encode())
    return total.hexdigest()


def checksums() -> dict[str, str]:
    """The same, one for each table, to see where two databases differ."""
    found = {}
    for target in TARGETS.values():
        if target.stored_as is None:
            found[target.name] = _fingerprint(_rows_of_target(target))
    for model in DERIVED:
        found[model._meta.model_name or ""] = _fingerprint(_rows_of_model(model))
    return found


def _fingerprint(rows: Iterator[Any]) -> str:
    """Add up the fingerprints of rows, so that their order does not matter and memory stays bounded."""
    total, count = 0, 0
    for row in rows:
        total = (total + int.from_bytes(blake2b(repr(row).encode(), digest_size=16).digest())) % (1 << 128)
        count += 1
    return f"{count}:{total:032x}"


def _rows_of_target(target: Target) -> Iterator[Any]:
    names = [f"{one.name}__{TARGETS[one.to].link}" if one.to else one.name for one in target.fields]
    if target.takes_custom:
        names.append("custom")
    rows = target.model._default_manager.order_by("pk").values_list(*names)
    return (tuple(sorted(cell.items()) if isinstance(cell, dict) else cell for cell in row) for row in rows.iterator())


def _rows_of_model(model: type[models.Model]) -> Iterator[Any]:
    own = [one for one in model._meta.concrete_fields if not one.primary_key]
    names = [f"{one.name}__external_id" if one.is_relation else one.name for one in own]
    return model._default_manager.order_by("pk").values_list(*names).iterator()
