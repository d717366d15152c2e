"""Where does the book name a person of a customer?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from accounts.models import Account, Contact
from playbooks.models import StepMail
from portfolio.rules.erasure import without_names_within

# Rows of no account in which people of customers are named all the same.
BESIDE_ACCOUNTS = (
    "roadmap.featurerequest", "roadmap.requestchange",
    "advocacy.referencerequest", "advocacy.sharingsession", "usage.waitingevent",
)  # fmt: skip
# How far an account lies from a row that is about it: a comment of a task of an account.
STEPS_TO_ACCOUNT = 2
# Worked out every night, without anybody's name; and usage, in which a person gets another name (see the action).
NOT_SEARCHED = (
    "health.healthscore", "portfolio.accountrow", "revenue.movement", "usage.usageevent", "usage.featureusageday",
    "usage.accountpersonuse",
)  # fmt: skip
# So few letters name nobody for certain.
SHORTEST = 3


@dataclass(frozen=True)
class Place:
    """One kind of row that may name people of customers: its texts, and the way from it to the account."""

    model: type[models.Model]
    texts: tuple[str, ...]
    structures: tuple[str, ...]
    to_account: str

    def naming(self, contact: Contact) -> QuerySet[models.Model]:
        """The rows that name a contact, nearly: what a whole word is, the rule decides."""
        rows: QuerySet[models.Model] = self.model._default_manager.all()
        if self.to_account:
            here = Q(**{self.to_account: contact.account_id})
            # What hangs on no account, such as a notification, is searched as well.
            is_loose = "__" not in self.to_account and self.model._meta.get_field(self.to_account).null
            rows = rows.filter(here | Q(**{self.to_account: None}) if is_loose else here)
        rows = rows.annotate(**{f"in_{name}": Cast(name, TextField()) for name in self.structures})
        wanted = Q(pk__in=[])
        for name in names_of(contact):
            for field in self.texts:
                wanted |= Q(**{f"{field}__icontains": name})
            for field in self.structures:
                escaped = json.dumps(name)[1:-1]
                wanted |= Q(**{f"in_{field}__icontains": name}) | Q(**{f"in_{field}__icontains": escaped})
        return rows.filter(wanted).only("pk", *self.texts, *self.structures).order_by("pk")

    def blanked(self, row: models.Model, names: Sequence[str]) -> dict[str, object]:
        """The fields of a row that name somebody, without the name."""
        found = {}
        for field in (*self.texts, *self.structures):
            before = getattr(row, field)
            after = without_names_within(before, names)
            if after != before:
                found[field] = after
        return found


@dataclass(frozen=True)
class Traces:
    """What is known of one contact: kinds of rows with their counts, and mails that were written to them."""

    contact: Contact
    texts: Sequence[tuple[str, int]]
    mails: int

    @property
    def count(self) -> int:
        """In how many texts they are named."""
        return sum(count for _name, count in self.texts)


def names_of(contact: Contact) -> list[str]:
    """By what a contact is known: name, mail address, telephone."""
    return [
        text for text in (contact.name, contact.email, contact.phone) if len(text) >= SHORTEST or not text.isascii()
    ]


@lru_cache(maxsize=1)
def places() -> tuple[Place, ...]:
    """Every kind of row that may name somebody: what hangs on an account, and what is listed beside."""
    return tuple(_places())


def _places() -> Iterator[Place]:
    # Of the account itself only what an organisation added: its name is a company's.
    yield Place(Account, (), ("custom",), "id")
    for model in apps.get_models():
        label = model._meta.label_lower
        if not hasattr(model._default_manager, "all") or label in NOT_SEARCHED or model in (Account, Contact):
            continue
        way = _way_to_account(model, STEPS_TO_ACCOUNT)
        if way is None and label not in BESIDE_ACCOUNTS:
            continue
        texts, structures = _written(model)
        if texts or structures:
            yield Place(model, texts, structures, way or "")


def _written(model: type[models.Model]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields that hold what somebody wrote, and those that hold structures."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    texts = [field.name for field in fields
             if isinstance(field, models.CharField | models.TextField) and not field.choices
             and not field.unique]  # fmt: skip
    return tuple(texts), tuple(field.name for field in fields if isinstance(field, models.JSONField))


def _way_to_account(model: type[models.Model], steps: int) -> str | None:
    """How a row names its account, through at most so many others."""
    keys = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    for field in keys:
        if field.related_model is Account and field.name != "parent":
            return str(field.name)
    for field in keys if steps else ():
        further = field.related_model
        if isinstance(further, type) and further is not model and (way := _way_to_account(further, steps - 1)):
            return f"{field.name}__{way}"
    return None


def traces_of(contact: Contact) -> Traces:
    """Count what would be blanked of one contact."""
    names, found = names_of(contact), []
    for place in places():
        count = sum(bool(place.blanked(row, names)) for row in place.naming(contact).iterator(chunk_size=500))
        if count:
            found.append((str(place.model._meta.verbose_name_plural), count))
    return Traces(contact, sorted(found, key=lambda one: -one[1]), StepMail.objects.filter(contact=contact).count())


def contacts_with(email: str) -> QuerySet[Contact]:
    """The contacts of a mail address, at whatever customer."""
    return Contact.objects.filter(email__iexact=email).select_related("account").order_by("pk")
