"""Who signs in, in which team, and what did they do?"""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.rules import roles

Row = TypeVar("Row", bound=models.Model)


class ForColleaguesQuerySet(models.QuerySet[Row]):
    """Rows that belong to the whole organisation."""

    def visible_to(self, user: User | AnonymousUser) -> Any:
        """Everybody who may sign in sees them; a stranger sees none."""
        return self if isinstance(user, User) and user.is_active else self.none()


class Team(models.Model):
    """A group of people whose books a manager looks after."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    objects = ForColleaguesQuerySet["Team"].as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class UserQuerySet(ForColleaguesQuerySet["User"]):
    """People, filtered by what they are; everybody who signs in may see the names of their colleagues."""

    def active(self) -> UserQuerySet:
        """People who may sign in."""
        return self.filter(is_active=True)

    def admins(self) -> UserQuerySet:
        """People who may set everything up."""
        return self.filter(role=roles.Role.ADMIN)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes people; e-mail addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a person; without a password they sign in by a one-time link first."""
        fields.setdefault(
            "visibility",
            roles.DEFAULT_VISIBILITY[roles.Role(fields.get("role", roles.Role.CSM))],
        )
        user: User = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> User:
        """Find a person by e-mail, whatever its case."""
        person: User = self.get(email=(email or "").lower())
        return person


class User(AbstractBaseUser):
    """One person who signs in."""

    class Role(models.TextChoices):
        CSM = roles.Role.CSM.value, _("CSM")
        CS_MANAGER = roles.Role.CS_MANAGER.value, _("CS manager")
        PRODUCT_MANAGER = roles.Role.PRODUCT_MANAGER.value, _("Product manager")
        ADMIN = roles.Role.ADMIN.value, _("Admin")
        VIEWER = roles.Role.VIEWER.value, _("Viewer")

    class Visibility(models.TextChoices):
        OWN = roles.Visibility.OWN.value, _("Own accounts")
        TEAM = roles.Visibility.TEAM.value, _("The team’s accounts")
        ALL = roles.Visibility.ALL.value, _("All accounts")

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Density(models.TextChoices):
        COMFORTABLE = "comfortable", _("Comfortable")
        COMPACT = "compact", _("Compact")

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=200)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.CSM)
    team = models.ForeignKey(
        Team,
        verbose_name=_("team"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="members",
    )
    visibility = models.CharField(_("sees"), max_length=8, choices=Visibility, default=Visibility.OWN)
    is_active = models.BooleanField(_("may sign in"), default=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    theme = models.CharField(_("theme"), max_length=8, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(_("row height"), max_length=12, choices=Density, default=Density.COMFORTABLE)
    keys_enabled = models.BooleanField(_("single-key shortcuts"), default=True)
    # Kept with the person, so that the bell and the panels cost no page a query.
    unread_count = models.PositiveIntegerField(_("unread notifications"), default=0, editable=False)
    hidden_panels = models.JSONField(_("hidden panels"), default=list, blank=True, editable=False)
    joined_at = models.DateTimeField(_("joined"), null=True, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="accounts_user_email_once",
                violation_error_message=_("This e-mail is in use."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def can(self, capability: roles.Capability) -> bool:
        """Say whether this person has a right."""
        return self.is_active and roles.may(self.role, capability)

    @property
    def is_staff(self) -> bool:
        """Django's admin is for admins alone."""
        return self.is_active and self.role == self.Role.ADMIN

    @property
    def is_superuser(self) -> bool:
        """Django's permission tables are not used: the role decides."""
        return self.is_staff

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Answer Django's admin."""
        return self.is_staff

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        """Answer Django's admin."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """Answer Django's admin."""
        return self.is_staff

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session remembers of its person: another password or role ends it at the next request."""
        state = f"{self.password}:{self.role}"
        return salted_hmac("accounts.session", state, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        """The name as it stands in lists and mails."""
        return self.name

    def get_short_name(self) -> str:
        """The name in a greeting; names are not split."""
        return self.name


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """What was done, filtered by who may read it."""

    def visible_to(self, user: User | AnonymousUser) -> AuditEventQuerySet:
        """Admins read it all; nobody else reads any of it."""
        return self if isinstance(user, User) and user.can(roles.Capability.MANAGE_PEOPLE) else self.none()


class AuditEvent(models.Model):
    """One thing that somebody did, or tried: kept for ever, never edited."""

    at = models.DateTimeField(_("when"), db_index=True)
    actor = models.ForeignKey(
        User,
        verbose_name=_("who"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    verb = models.CharField(_("what"), max_length=60, db_index=True)
    object_type = models.CharField(_("kind of object"), max_length=60, blank=True)
    object_id = models.CharField(_("object"), max_length=64, blank=True)
    changes = models.JSONField(_("old and new"), default=dict)
    address = models.GenericIPAddressField(_("address"), null=True)
    request_id = models.CharField(_("request"), max_length=36, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        indexes = [models.Index(fields=["object_type", "object_id"], name="accounts_audit_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Saved views, restricted to whom they concern."""

    def visible_to(self, user: User | AnonymousUser) -> SavedViewQuerySet:
        """A person's own views and those shared with their team."""
        if not isinstance(user, User):
            return self.none()
        shared = models.Q(team=user.team_id) if user.team_id else models.Q(pk__in=[])
        return self.filter(models.Q(owner=user) | shared)


class SavedView(models.Model):
    """Filter, sort and columns of a list under a name, for one person or their team."""

    owner = models.ForeignKey(
        User,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="saved_views",
    )
    team = models.ForeignKey(
        Team,
        verbose_name=_("shared with team"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    page = models.CharField(_("page"), max_length=40, default="account_list")
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(_("address"), max_length=2000, blank=True)
    created_at = models.DateTimeField(_("created"))

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "page", "name"],
                name="accounts_savedview_name_once_per_owner",
            )
        ]

    def __str__(self) -> str:
        return self.name
