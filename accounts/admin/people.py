"""How does an admin see people, teams, sessions, the organisation and the audit trail?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actions import audit, people, sign_ins
from accounts.actions.invitations import send_link
from accounts.admin.base import Audited, Plain, ReadOnly
from accounts.forms.organisation import OrganisationForm
from accounts.models import (
    AuditEvent,
    Holiday,
    Mail,
    Notification,
    NotificationChoice,
    Organisation,
    RegionCalendar,
    SavedView,
    SignIn,
    Team,
    User,
)
from common.errors import Refused


class UserForm(forms.ModelForm):
    """A person, as the admin sets them; the last admin stays one."""

    class Meta:
        model = User
        fields = ("email", "name", "role", "team", "visibility", "is_active", "language")

    def clean(self) -> dict[str, Any]:
        """Refuse what the actions would refuse, before anything is written."""
        values: dict[str, Any] = super().clean() or {}
        stays = values.get("role") == User.Role.ADMIN and values.get("is_active")
        others = User.objects.active().admins().exclude(pk=self.instance.pk)
        if self.instance.pk and self.instance.is_staff and not stays and not others.exists():
            raise forms.ValidationError(_("This is the last admin. Make somebody else an admin first."))
        return values


@admin.register(User)
class UserAdmin(Plain):
    """People: their rights, and what ends their sessions. Nobody is deleted: what they did stays under their name."""

    form = UserForm
    list_display = ("name", "email", "role", "team", "visibility", "is_active", "last_login")
    list_filter = ("role", "is_active", "team", "visibility")
    list_select_related = ("team",)
    search_fields = ("name", "email")
    ordering = ("name", "pk")
    readonly_fields = ("joined_at", "last_login")
    actions = ("shut_out", "let_in", "end_sessions", "send_links")

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """People are shut out, not deleted."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Go the way that the pages go: invite, change, shut out or let in."""
        by, at, values = request.user, timezone.now(), form.cleaned_data
        chosen = {name: values[name] for name in ("name", "role", "team", "visibility")}
        if not change:
            made = people.invite_person(by=by, at=at, email=values["email"], **chosen)  # type: ignore[arg-type]
            obj.pk, obj._state.adding = made.pk, False
            return
        stored = User.objects.get(pk=obj.pk)
        people.change_person(person=stored, by=by, at=at, **chosen)  # type: ignore[arg-type]
        shut_or_let = people.reactivate_person if values["is_active"] else people.deactivate_person
        shut_or_let(person=stored, by=by, at=at)  # type: ignore[arg-type]
        others = {"email": values["email"].lower(), "language": values["language"]}
        changes = audit.differences(stored, others, private=frozenset({"email"}))
        if changes:
            User.objects.filter(pk=obj.pk).update(**others)
            audit.record("person.changed", by=by, at=at, obj=stored, changes=changes)  # type: ignore[arg-type]

    @admin.action(description=_("Shut out"))
    def shut_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Shut people out."""
        self._each(request, queryset, people.deactivate_person)

    @admin.action(description=_("Let in again"))
    def let_in(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let people in again."""
        self._each(request, queryset, people.reactivate_person)

    @admin.action(description=_("End all sessions"))
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Sign people out everywhere."""
        self._each(request, queryset, sign_ins.end_all)

    @admin.action(description=_("Mail a password link"))
    def send_links(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Mail people a link with which they choose a password."""
        self._each(request, queryset, send_link)

    def _each(self, request: HttpRequest, queryset: QuerySet[User], act: Any) -> None:
        """Do something for each person, and tell whom it was refused for."""
        done, at = 0, timezone.now()
        for person in queryset:
            try:
                act(person=person, by=request.user, at=at)
            except Refused as refusal:
                self.message_user(request, f"{person}: {refusal}", messages.ERROR)
            else:
                done += 1
        said = ngettext("Done for %(n)s person.", "Done for %(n)s people.", done) % {"n": done}
        self.message_user(request, said, messages.SUCCESS)


@admin.register(Team)
class TeamAdmin(Audited):
    """Teams; they are deleted on the pages, which look whether somebody is in them."""

    list_display = ("name",)
    search_fields = ("name",)

    def has_delete_permission(self, request: HttpRequest, obj: Team | None = None) -> bool:
        """Deleting one would shut people off without a word."""
        return False


@admin.register(SignIn)
class SignInAdmin(ReadOnly):
    """Sessions: who is signed in where. They can be ended."""

    list_display = ("user", "address", "browser", "started_at", "seen_at", "ended_at")
    list_filter = ("ended_at",)
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email", "address")
    date_hierarchy = "started_at"
    actions = ("end",)

    @admin.action(description=_("End"), permissions=["view"])
    def end(self, request: HttpRequest, queryset: QuerySet[SignIn]) -> None:
        """End the chosen sessions."""
        at = timezone.now()
        for sign_in in queryset.select_related("user"):
            sign_ins.end(sign_in=sign_in, by=request.user, at=at)  # type: ignore[arg-type]


@admin.register(Organisation)
class OrganisationAdmin(Audited):
    """The one row of settings."""

    form = OrganisationForm
    list_display = ("name", "time_zone", "reporting_currency")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one at most."""
        return not Organisation.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Organisation | None = None) -> bool:
        """Without it the defaults would hold, silently."""
        return False


@admin.register(Holiday)
class HolidayAdmin(Audited):
    """Days on which nobody works."""

    list_display = ("on", "name", "region")
    list_filter = ("region",)
    search_fields = ("name",)
    date_hierarchy = "on"


@admin.register(RegionCalendar)
class RegionCalendarAdmin(Audited):
    """Working days of regions that have their own."""

    list_display = ("region", "working_days")
    search_fields = ("region",)


@admin.register(Notification)
class NotificationAdmin(Audited):
    """What people were told."""

    list_display = ("title", "user", "kind", "at", "way", "read_at")
    list_filter = ("kind", "way")
    list_select_related = ("user",)
    search_fields = ("title", "user__name")
    raw_id_fields = ("user", "account", "mail")


@admin.register(NotificationChoice)
class NotificationChoiceAdmin(Audited):
    """How people want to hear of things."""

    list_display = ("user", "kind", "way")
    list_filter = ("kind", "way")
    list_select_related = ("user",)
    search_fields = ("user__name",)
    raw_id_fields = ("user",)


@admin.register(Mail)
class MailAdmin(ReadOnly):
    """Mails of notifications and what became of them."""

    list_display = ("user", "digest_on", "state", "made_at", "started_at", "ended_at", "error")
    list_filter = ("state",)
    list_select_related = ("user",)
    search_fields = ("user__name",)


@admin.register(SavedView)
class SavedViewAdmin(Audited):
    """Lists that people keep under a name."""

    list_display = ("name", "page", "owner", "team", "created_at")
    list_filter = ("page", "team")
    list_select_related = ("owner", "team")
    search_fields = ("name", "owner__name")
    raw_id_fields = ("owner",)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    """What was done. Nobody changes it, here neither."""

    list_display = ("at", "actor", "verb", "object_type", "object_id", "address")
    list_filter = ("verb",)
    list_select_related = ("actor",)
    search_fields = ("verb", "object_id", "actor__name", "request_id")
    date_hierarchy = "at"
