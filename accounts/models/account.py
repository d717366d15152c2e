"""Who are the customers, who serves each of them, and who else may look?"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import ForColleaguesQuerySet, Team, User


def new_external_id() -> str:
    """An id for an account that was made here and came from no other system."""
    return f"MS-{uuid.uuid4().hex[:12]}"


class Product(models.Model):
    """One thing that the company sells; contract lines and the catalogue both point at it."""

    external_id = models.CharField(_("external id"), max_length=128, unique=True)
    name = models.CharField(_("name"), max_length=200)

    objects = ForColleaguesQuerySet["Product"].as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A word that people stick on accounts."""

    name = models.CharField(_("name"), max_length=50, unique=True)

    objects = ForColleaguesQuerySet["Tag"].as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self) -> str:
        return self.name


class CustomField(models.Model):
    """A field that this organisation added to its accounts; usable as filter and column."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")
        YES_NO = "yes_no", _("Yes or no")

    key = models.SlugField(_("key"), max_length=40, unique=True)
    label = models.CharField(_("label"), max_length=80)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    help_text = models.CharField(_("help"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = ForColleaguesQuerySet["CustomField"].as_manager()

    class Meta:
        ordering = ["position", "label"]
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")

    def __str__(self) -> str:
        return self.label


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts, filtered by plain facts and restricted to who may see them."""

    def visible_to(self, user: User | AnonymousUser) -> AccountQuerySet:
        """The accounts that a person may see: own, their team's or all, plus what is shared with them."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.visibility == User.Visibility.ALL:
            return self
        return self.filter(pk__in=self.ids_shown_to(user))

    @staticmethod
    def ids_shown_to(user: User) -> models.QuerySet[Any, Any]:
        """The ids of the accounts that a person who does not see all may see, as a subquery."""
        served = ServiceAssignment.objects.current()
        shared = Q(user=user)
        if user.team_id:
            shared |= Q(team=user.team_id)
        if user.visibility == User.Visibility.TEAM and user.team_id:
            served = served.filter(user__in=User.objects.filter(Q(team=user.team_id) | Q(pk=user.pk)).values("pk"))
        else:
            served = served.filter(user=user)
        # One list and not two joined by OR, so that the database looks up the few instead of trying each account.
        shown = AccountShare.objects.filter(shared)
        return served.order_by().values("account").union(shown.order_by().values("account"))


class Account(models.Model):
    """One customer company."""

    class Tier(models.TextChoices):
        ELEPHANT = "elephant", _("Key account")
        CHEETAH = "cheetah", _("Mid-size")
        RABBIT = "rabbit", _("Small")

    class PurchaseLevel(models.TextChoices):
        ENTERPRISE = "enterprise", _("Enterprise")
        TEAM = "team", _("Team")
        INDIVIDUAL = "individual", _("Individual")

    class Stage(models.TextChoices):
        ONBOARDING = "onboarding", _("Onboarding")
        ADOPTION = "adoption", _("Adoption")
        MATURE = "mature", _("Mature")
        RENEWAL = "renewal", _("Renewal")
        CHURNED = "churned", _("Churned")

    external_id = models.CharField(_("external id"), max_length=128, unique=True, default=new_external_id)
    name = models.CharField(_("name"), max_length=200)
    domain = models.CharField(_("domain"), max_length=253, blank=True)
    industry = models.CharField(_("industry"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    tier = models.CharField(_("tier"), max_length=10, choices=Tier, default=Tier.RABBIT)
    purchase_level = models.CharField(
        _("purchase level"),
        max_length=12,
        choices=PurchaseLevel,
        default=PurchaseLevel.TEAM,
    )
    stage = models.CharField(_("stage"), max_length=12, choices=Stage, default=Stage.ONBOARDING)
    parent = models.ForeignKey(
        "self", verbose_name=_("parent account"), on_delete=models.SET_NULL, null=True, blank=True,
        related_name="children",
    )  # fmt: skip
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    live_on = models.DateField(_("went live on"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), blank=True, related_name="accounts")
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("changed"))

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="accounts_account_name_not_empty"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                name="accounts_account_not_its_own_parent",
            ),
        ]
        indexes = [models.Index(fields=["name", "id"], name="accounts_account_by_name")]

    def __str__(self) -> str:
        return self.name


class ServiceAssignmentQuerySet(models.QuerySet["ServiceAssignment"]):
    """Who serves which account, now or on a day."""

    def visible_to(self, user: User | AnonymousUser) -> ServiceAssignmentQuerySet:
        """Assignments of the accounts that a person may see."""
        return self.filter(account__in=Account.objects.visible_to(user))

    def current(self) -> ServiceAssignmentQuerySet:
        """Assignments without an end. One that has an end is over: its end is never set ahead of its day."""
        return self.filter(ended_on__isnull=True)

    def active_on(self, on: dt.date) -> ServiceAssignmentQuerySet:
        """Assignments in force on a day (start ≤ day < end)."""
        return self.filter(Q(started_on__lte=on), Q(ended_on__isnull=True) | Q(ended_on__gt=on))

    def owners(self) -> ServiceAssignmentQuerySet:
        """The CSMs, whom every figure credits."""
        return self.filter(role=ServiceAssignment.Role.CSM)


class ServiceAssignment(models.Model):
    """One person serving one account in one role over a span of days (end exclusive)."""

    class Role(models.TextChoices):
        CSM = "csm", _("CSM")
        SOLUTION_EXPERT = "solution_expert", _("Solution expert")
        DELIVERY_MANAGER = "delivery_manager", _("Delivery manager")
        SUPPORT = "support", _("Support")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="assignments",
    )
    user = models.ForeignKey(
        User,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="assignments",
    )
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.CSM)
    started_on = models.DateField(_("from"))
    ended_on = models.DateField(_("until"), null=True, blank=True)

    objects = ServiceAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["-started_on", "-pk"]
        verbose_name = _("service assignment")
        verbose_name_plural = _("service team")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gt=F("started_on")),
                name="accounts_serviceassignment_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(role="csm", ended_on__isnull=True),
                name="accounts_serviceassignment_one_current_csm",
            ),
            models.UniqueConstraint(
                fields=["account", "user", "role", "started_on"],
                name="accounts_serviceassignment_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "account"],
                name="accounts_assignment_by_user",
                condition=Q(ended_on=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class AccountShareQuerySet(models.QuerySet["AccountShare"]):
    """To whom else accounts are shown."""

    def visible_to(self, user: User | AnonymousUser) -> AccountShareQuerySet:
        """Shares of the accounts that a person may see."""
        return self.filter(account__in=Account.objects.visible_to(user))


class AccountShare(models.Model):
    """One account shown to a person or a team that would not see it otherwise."""

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="shares",
    )
    user = models.ForeignKey(
        User,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    team = models.ForeignKey(
        Team,
        verbose_name=_("team"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    shared_by = models.ForeignKey(
        User,
        verbose_name=_("shared by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    shared_at = models.DateTimeField(_("shared"))

    objects = AccountShareQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True, team__isnull=False) | Q(user__isnull=False, team__isnull=True),
                name="accounts_accountshare_with_one_person_or_team",
            ),
            models.UniqueConstraint(
                fields=["account", "user"],
                name="accounts_accountshare_person_once",
                condition=Q(user__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["account", "team"],
                name="accounts_accountshare_team_once",
                condition=Q(team__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} → {self.user or self.team}"
