"""Which rows does the matrix look at? Two teams with a row of every model each, every text marked with whose it is."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection, models
from django.utils import timezone

from accounts.models import Account, AccountShare, Organisation, ServiceAssignment, Team, TimelineEntry, User
from health.models import ScorecardVersion, WarningRule
from integrations.actions import create_token
from integrations.models import ApiToken
from portfolio.actions import imports
from portfolio.importing import uploads
from roadmap.models import FeatureRequest

OURS = (
    "common",
    "accounts",
    "revenue",
    "usage",
    "health",
    "playbooks",
    "advocacy",
    "roadmap",
    "portfolio",
    "integrations",
)
SIDES = ("near", "far")
# The owner of the book, the side of it, a number: what stands in a text that only some may read.
CANARY = re.compile(r"(near|far|hush)q([0-9]{4})", re.IGNORECASE)
MONEY = {
    "arr",
    "arr_lost",
    "amount",
    "arr_after",
    "expected_arr",
    "csm_amount",
    "final_amount",
    "arr_at_risk",
    "weighted_arr",
    "renewing_arr",
    "baseline_arr",
}
CONTACT_DETAILS = {("accounts.Contact", "email"), ("accounts.Contact", "phone"), ("playbooks.StepMail", "address")}
# Rows that are there once for everybody, or made by their own means below.
NOT_MADE = {
    "accounts.Organisation",
    "revenue.RevenueSettings",
    "revenue.RenewalPolicy",
    "revenue.KeptMonth",
    "health.ChurnSettings",
    "advocacy.AdvocacySettings",
    "accounts.User",
    "accounts.Team",
    "integrations.ApiToken",
    "revenue.ExpansionSettings",
    "playbooks.WorkloadSettings",
    "playbooks.EffectPolicy",
    "playbooks.MailSettings",
    "playbooks.ServiceChannel",
    "roadmap.RankingSettings",
    "portfolio.RecommendationPolicy",
}
DAY = dt.date(2026, 1, 5)
Row = models.Model


@dataclass
class World:
    """The people, the rows of both sides by model, and where each canary stands."""

    people: dict[str, User]
    tokens: dict[str, str]
    rows: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    places: dict[int, str] = field(default_factory=dict)
    amounts: dict[str, str] = field(default_factory=dict)
    at: dt.datetime = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)

    def place(self, number: int) -> str:
        """Say in which column a canary was put."""
        return self.places.get(number, "?")

    @property
    def contact_canaries(self) -> set[int]:
        """The numbers of the canaries in e-mail addresses and telephone numbers of contacts."""
        return {number for number, place in self.places.items() if tuple(place.rsplit(".", 1)) in CONTACT_DETAILS}


class Maker:
    """Makes one row of a model for a side, and first what it points at."""

    def __init__(self, world: World, texts: Sequence[str] = ()) -> None:
        self.world = world
        self.texts = texts
        self.canaries = count(1)
        self.money = count(1)

    def row(self, model: type[Row], side: str) -> Row:
        """Make it once."""
        label = model._meta.label
        made = self.world.rows[label].get(side)
        if made is None:
            made = self.world.rows[label][side] = self._make(model, side)
        return made

    def _make(self, model: type[Row], side: str) -> Row:
        values: dict[str, Any] = dict(SPECIAL.get(model._meta.label, lambda world, side: {})(self.world, side))
        for column in model._meta.concrete_fields:
            if column.name not in values and column.attname not in values and not column.auto_created:
                value = self._value(model, column, side)
                if value is not NOTHING:
                    values[column.name] = value
        made = model._default_manager.create(**values)
        for many in model._meta.many_to_many:
            if many.remote_field.through._meta.auto_created:
                getattr(made, many.name).add(self.row(many.related_model, BOOK[side]))
        return made

    def _value(self, model: type[Row], column: Any, side: str) -> Any:
        if column.is_relation:
            return self._related(model, column, side)
        if column.choices or (column.has_default() and not isinstance(column, models.CharField)):
            return NOTHING if column.has_default() else column.choices[0][0]
        maker = next((make for kind, make in BY_KIND if isinstance(column, kind)), None)
        if isinstance(column, (models.CharField, models.TextField)):
            return self._text(model, column, side)
        if column.unique and isinstance(column, models.IntegerField):
            return model._default_manager.count() + 1
        if isinstance(column, models.DecimalField):
            return self._decimal(model, column, side)
        if isinstance(column, models.FileField):
            return ContentFile(self.mark(model, column, side).encode(), name=f"{side}.txt")
        if maker is None or (column.null and isinstance(column, (models.DateField, models.DateTimeField))):
            return NOTHING
        return maker()

    def _related(self, model: type[Row], column: Any, side: str) -> Any:
        target = column.related_model
        if target is model:
            return NOTHING
        if target is User:
            return self.world.people[OWNERS[side]]
        if target is Team:
            return self.world.rows["accounts.Team"][BOOK[side]]
        return self.row(target, BOOK[side])

    def _text(self, model: type[Row], column: Any, side: str) -> Any:
        if column.max_length is not None and column.max_length < 10:
            return "USD" if column.name in {"currency", "base"} else "EUR" if column.name == "quote" else NOTHING
        text = self.mark(model, column, side)
        if self.texts and "email" not in column.name and not isinstance(column, models.SlugField):
            hostile = self.texts[int(text[-4:]) % len(self.texts)] + text
            text = hostile if len(hostile) <= (column.max_length or 10_000) else text
        return f"{text}@example.com" if "email" in column.name else text

    def mark(self, model: type[Row], column: Any, side: str) -> str:
        """Draw a canary and note where it stands."""
        number = next(self.canaries)
        self.world.places[number] = f"{model._meta.label}.{column.name}"
        return f"{side}q{number:04d}"

    def _decimal(self, model: type[Row], column: Any, side: str) -> Decimal:
        if column.name not in MONEY:
            is_share = column.max_digits - column.decimal_places < 2
            return Decimal("0.5") if is_share else Decimal(next(self.money) % 80 + 1)
        amount = Decimal(83_917_000 + 1_013 * next(self.money)) / 100
        self.world.amounts[f"{int(amount)}"] = f"{model._meta.label}.{column.name}"
        return amount


NOTHING = object()
PASSWORD = "correct horse battery staple"
# Columns that say when somebody was last here.
NOTICED = {"integrations.ApiToken": {"last_used_at", "last_used_from"}, "accounts.SignIn": {"seen_at"}}
# Whose book a row lies in: a private note lies in the near one.
BOOK = {"near": "near", "far": "far", "hush": "near"}
OWNERS = {"near": "csm", "far": "csm_elsewhere", "hush": "manager"}
BY_KIND: list[tuple[type, Callable[[], Any]]] = [
    (models.DateTimeField, lambda: dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)),
    (models.DateField, lambda: DAY),
    (models.TimeField, lambda: dt.time(9)),
    (models.BooleanField, lambda: False),
    (models.JSONField, dict),
    (models.IntegerField, lambda: 5),
    (models.FloatField, lambda: 0.5),
]
PLAYBOOK: dict[str, Any] = {"name": {"en": "Play"}, "steps": [{"key": "call", "title": {"en": "Call"}}]}
# What a model asks for that cannot be read from its columns.
SPECIAL: dict[str, Callable[[World, str], dict[str, Any]]] = {
    "common.Job": lambda world, side: {"state": "parked", "finished_at": timezone.now(), "once": None},
    "accounts.Notification": lambda world, side: {"url": "/today/"},
    # A rule is of the scorecards, which are everybody's.
    "portfolio.Recommendation": lambda world, side: {"rule": "low:nps"},
    "accounts.Mail": lambda world, side: {"digest_on": None},
    "integrations.ChatWebhook": lambda world, side: {"is_enabled": False},
    "accounts.ServiceAssignment": lambda world, side: {"role": ServiceAssignment.Role.CSM, "ended_on": None},
    "accounts.AccountShare": lambda world, side: {"user": world.people[OWNERS[side]], "team": None},
    "accounts.SavedView": lambda world, side: {"team": None, "page": "account_list", "query": "tier=elephant"},
    "accounts.BulkRun": lambda world, side: {
        "act": "accounts.tag",
        "given": {"name": "x"},
        "ids": [],
        "changed": {},
        "skipped": {},
        "kept": {},
        "undo": "",
        "back": "/accounts/",
        "finished_at": None,
        "undo_asked_at": None,
        "undone_at": None,
    },
    "accounts.AuditEvent": lambda world, side: {"changes": {}, "address": "192.0.2.1"},
    "accounts.SignIn": lambda world, side: {"address": "192.0.2.1"},
    "accounts.HandoffVersion": lambda world, side: {
        "sections": {"why_bought": world.rows["accounts.Handoff"][side].why_bought}
    },
    "accounts.Holiday": lambda world, side: {"on": dt.date(2026, 12, 24 + SIDES.index(side))},
    "accounts.CustomField": lambda world, side: {"kind": "text"},
    "revenue.ExchangeRate": lambda world, side: {"on": dt.date(2026, 1, 1 + SIDES.index(side)), "rate": Decimal("1.1")},
    "revenue.ExpansionTarget": lambda world, side: {"starts_on": dt.date(2026, 1, 1)},
    "revenue.Risk": lambda world, side: {"state": "open", "outcome": "", "closed_on": None},
    # Nobody brings itself; and only what is published has an address.
    "advocacy.Referral": lambda world, side: {"account": None},
    "advocacy.CaseStudy": lambda world, side: {"token": None},
    "roadmap.SharedRoadmap": lambda world, side: {"token": f"address-{side}"},
    "usage.Milestone": lambda world, side: {"is_core_process": False},
    "health.WarningRule": lambda world, side: {"definition": WarningRule.objects.first().definition},
    "health.EarlyWarning": lambda world, side: {"evidence": [], "rank": 5},
    "health.ScorecardVersion": lambda world, side: {
        "definition": ScorecardVersion.objects.first().definition,
        "number": 1,
    },
    "health.ScorecardDraft": lambda world, side: {"definition": ScorecardVersion.objects.first().definition},
    "playbooks.Playbook": lambda world, side: {"name": {"en": "Play"}, "category": "other"},
    "playbooks.PlaybookVersion": lambda world, side: {"definition": PLAYBOOK, "number": 1},
    "playbooks.PlaybookDraft": lambda world, side: {"definition": PLAYBOOK},
    "playbooks.Task": lambda world, side: {"title": {"en": "Call"}, "step": PLAYBOOK["steps"][0], "step_key": "call"},
    "playbooks.EffectEstimate": lambda world, side: {"effect": None},
    "playbooks.EffectRecord": lambda world, side: {"version": None},
    "playbooks.EffectSubject": lambda world, side: {"is_treated": True},
    "playbooks.StepMail": lambda world, side: {"state": "queued"},
    "roadmap.RequestNeed": lambda world, side: {
        "needed": FeatureRequest.objects.create(title="Ground", created_on=DAY)
    },
    "advocacy.Consent": lambda world, side: {"expires_on": DAY + dt.timedelta(days=3650)},
    "roadmap.RequestChange": lambda world, side: {"before": "new", "after": "planned"},
    "roadmap.RequestAnswer": lambda world, side: {"why": "", "overtaken_by": None},
    "roadmap.RequestEvidence": lambda world, side: {"asked_as": None},
    "roadmap.RequestLink": lambda world, side: {
        **dict.fromkeys(["promise", "churn_record", "renewal", "linked_as"]),
    },
    "roadmap.DuplicatePair": lambda world, side: {
        "other": FeatureRequest.objects.create(title="Much the same", created_on=DAY)
    },
    "playbooks.StabilizationPlan": lambda world, side: {"baseline_reasons": [], "override_reason": "", "run": None},
    "playbooks.StabilizationDriver": lambda world, side: {"position": 1},
    "playbooks.ExitCriterion": lambda world, side: {"threshold": 60.0, "measure": "health_score", "baseline": None},
    "playbooks.Checkpoint": lambda world, side: {"verdict": "", "measured": [], "decided_at": None},
    "portfolio.BookImport": lambda world, side: {"confirmed_at": None, "confirmed_by": None, "result": None},
    "portfolio.AccountRow": lambda world, side: {"trend": [], "trend_path": ""},
    "accounts.TimelineEntry": lambda world, side: {"kind": "note", "is_private": side == "hush"},
}


def build_world(texts: Sequence[str] = ()) -> World:
    """Make both sides, a private note on the near one, and everybody who looks at them.

    With `texts` each text begins with one of them, as far as its column is long enough.
    """
    organisation = Organisation.load()
    organisation.save()
    world = World(people={}, tokens={})
    teams = {side: Team.objects.create(name=f"Team {side}") for side in SIDES}
    world.rows["accounts.Team"] = dict(teams)
    for name, (role, side) in PEOPLE.items():
        world.people[name] = User.objects.create_user(
            email=f"{name}@example.com",
            password=PASSWORD,
            name=name.replace("_", " ").title(),
            role=role,
            team=teams.get(side),
        )
    world.rows["accounts.User"] = {side: world.people[OWNERS[side]] for side in SIDES}
    maker = Maker(world, texts)
    for side in SIDES:
        for model in our_models():
            if model._meta.label not in NOT_MADE:
                maker.row(model, side)
    for book in world.rows["portfolio.BookImport"].values():
        rejects = imports.rejects_file(uploads.root() / book.pk.hex)
        rejects.parent.mkdir(parents=True, exist_ok=True)
        rejects.touch()
    account: Any = world.rows["accounts.Account"]["near"]
    maker.row(TimelineEntry, "hush")
    gone = world.people["gone"]
    ServiceAssignment.objects.create(
        account=account, user=gone, role=ServiceAssignment.Role.SOLUTION_EXPERT, started_on=DAY
    )
    AccountShare.objects.create(account=account, user=gone, shared_at=timezone.now())
    for scope in ("read", "write", "ingest"):
        token, text = create_token(by=world.people["csm"], at=timezone.now(), name=f"Token {scope}", scopes=[scope])
        world.tokens[f"token_{scope}"] = text
        world.rows["integrations.ApiToken"]["near"] = token
    far_token, _text = create_token(
        by=world.people["csm_elsewhere"], at=timezone.now(), name="Token far", scopes=["read"]
    )
    world.rows["integrations.ApiToken"]["far"] = far_token
    # No token of the near side but the one that the pages revoke is used by an actor.
    ApiToken.objects.filter(owner=world.people["csm"]).update(last_used_at=timezone.now(), last_used_from="127.0.0.1")
    return world


PEOPLE = {
    "viewer": ("viewer", ""),
    "csm": ("csm", "near"),
    "csm_elsewhere": ("csm", "far"),
    "manager": ("cs_manager", "near"),
    "product_manager": ("product_manager", ""),
    "admin": ("admin", ""),
    "gone": ("csm", "near"),
}


def our_models() -> Iterator[type[Row]]:
    """All models of the project."""
    for label in OURS:
        yield from apps.get_app_config(label).get_models()


@cache
def account_models() -> frozenset[str]:
    """The models whose rows belong to an account, directly or through another row."""
    found = {Account._meta.label}
    while True:
        more = {
            model._meta.label
            for model in our_models()
            for column in model._meta.concrete_fields
            if column.is_relation and column.related_model._meta.label in found
        } - found
        if not more:
            return frozenset(found)
        found |= more


def row_hash() -> dict[str, int]:
    """A number for the content of each table, to see whether anything changed."""
    found = {}
    with connection.cursor() as cursor:
        for model in our_models():
            noticed = NOTICED.get(model._meta.label, ())
            names = [column.column for column in model._meta.concrete_fields if column.name not in noticed]
            quoted = ", ".join(map(connection.ops.quote_name, names))
            cursor.execute(f"SELECT {quoted} FROM {connection.ops.quote_name(model._meta.db_table)}")
            found[model._meta.label] = hash(frozenset(map(repr, cursor.fetchall())))
    return found
