"""Which stored rows do the ids in files mean?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.models import Contact
from portfolio.importing.loader.rows import Record
from portfolio.importing.targets import TARGETS, Field, Target

PIECE = 500


@dataclass
class Links:
    """The ids of rows by the keys that files use, read as they are needed, with those that a trial would make."""

    known: dict[str, dict[str, int]] = field(default_factory=dict)
    coming: dict[str, set[str]] = field(default_factory=dict)
    # The account of each contact that was asked for, both by external id.
    employers: dict[str, str] = field(default_factory=dict)

    def find(self, target: str, keys: Iterable[str]) -> dict[str, int]:
        """Give the ids of the keys that exist, in one query for those not asked for before."""
        known = self.known.setdefault(target, {})
        missing = sorted({key for key in keys if key not in known})
        to = TARGETS[target]
        for start in range(0, len(missing), PIECE):
            found = to.model._default_manager.filter(**{f"{to.link}__in": missing[start : start + PIECE]})
            known.update(found.order_by().values_list(to.link, "pk"))
        return known

    def is_coming(self, target: str, key: str) -> bool:
        """Say whether a trial has seen a row that would exist by now."""
        return key in self.coming.get(target, ())

    def note(self, target: Target, record: Record) -> None:
        """Remember a row that was made, or that a trial would make."""
        if not target.link:
            return
        # A link that leads on (`contact__external_id`) is known by its first step.
        key = record.values[target.link.partition("__")[0]]
        if target.name == "contacts" and record.values.get("account"):
            self.employers[key] = record.values["account"]
        if record.pk is None:
            self.coming.setdefault(target.name, set()).add(key)
        else:
            self.known.setdefault(target.name, {})[key] = record.pk

    def missing(self, one: Field, record: Record) -> list[str]:
        """The keys of a record's link that lead nowhere."""
        known = self.known.get(one.to, {})
        return [key for key in keys_of(one, record) if key not in known and not self.is_coming(one.to, key)]

    def find_employers(self, contacts: Iterable[str]) -> dict[str, str]:
        """Give the accounts of contacts, all by external id."""
        wanted = sorted({key for key in contacts if key not in self.employers})
        for start in range(0, len(wanted), PIECE):
            rows = Contact.objects.filter(external_id__in=wanted[start : start + PIECE]).order_by()
            for contact, account in rows.values_list("external_id", "account__external_id"):
                self.employers[contact or ""] = account
        return self.employers


def keys_of(one: Field, record: Record) -> tuple[str, ...]:
    """The keys that a record's link names."""
    value = record.values.get(one.name)
    if not value:
        return ()
    return value if one.many else (value,)
