"""Does each role see and do what it may, and a stranger nothing?"""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse

from accounts.access import (
    CONTACT_FIELDS,
    contact_details,
    get_visible_or_404,
    hidden_fields,
    requires,
    sees_money,
    without_hidden,
)
from accounts.models import Account, AuditEvent, Contact, SignIn, Team, User
from accounts.rules.roles import CAPABILITIES, Capability, Role
from tests.architecture.sources import apps as own_apps
from tests.factories import AT, make_account, make_user

pytestmark = pytest.mark.django_db

# The rights of each role, written down a second time: a change has to be meant.
TABLE = {
    "edit_accounts": "csm cs_manager admin",
    "assign_owners": "cs_manager admin",
    "edit_revenue": "csm cs_manager admin",
    "edit_catalogue": "product_manager admin",
    "edit_roadmap": "csm cs_manager product_manager admin",
    "edit_health": "cs_manager admin",
    "edit_playbooks": "cs_manager admin",
    "edit_advocacy": "cs_manager admin",
    "plan_roadmap": "product_manager admin",
    "share_with_team": "cs_manager admin",
    "export": "csm cs_manager product_manager admin",
    "import_book": "admin",
    "manage_people": "admin",
    "manage_settings": "admin",
    "see_money": "csm cs_manager admin viewer",
    "see_contact_details": "csm cs_manager admin",
    "see_private_notes": "cs_manager admin",
}


def models_with_visibility() -> list[type[models.Model]]:
    found = [model for model in apps.get_models() if model._meta.app_label in own_apps()]
    return [model for model in found if hasattr(model._default_manager.none(), "visible_to")]


def reaches_account(model: type[models.Model], seen: frozenset[type[models.Model]] = frozenset()) -> bool:
    """Tell whether a row leads to an account by a foreign key, or by one of a row that it belongs to."""
    if model is Account:
        return True
    targets = {
        field.related_model
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and (field.many_to_one or field.one_to_one) and not field.null
    }
    own = {t for t in targets if isinstance(t, type) and t._meta.app_label in own_apps()} - seen
    return any(reaches_account(target, seen | {model}) for target in own)


@pytest.mark.parametrize("capability", list(Capability))
def test_each_right_belongs_to_the_roles_of_the_table(capability: Capability) -> None:
    assert {role.value for role in Role if capability in CAPABILITIES[role]} == set(TABLE[capability].split())


@pytest.mark.parametrize("model", models_with_visibility(), ids=lambda model: model._meta.label)
def test_a_stranger_sees_no_row(model: Any) -> None:
    rows = model._default_manager.get_queryset().visible_to(AnonymousUser())

    with pytest.raises(EmptyResultSet):  # no question even reaches the database
        str(rows.query)


@pytest.mark.parametrize(
    "model",
    [model for model in apps.get_models() if model._meta.app_label == "accounts" and reaches_account(model)],
    ids=lambda model: model._meta.label,
)
def test_whatever_belongs_to_an_account_says_who_sees_it(model: Any) -> None:
    if model._meta.auto_created:
        pytest.skip("a table between two others has no manager of its own")
    assert hasattr(model._default_manager.none(), "visible_to")


def test_a_person_shut_out_sees_no_row() -> None:
    gone = make_user("admin", is_active=False)
    make_account()

    assert not Account.objects.visible_to(gone).exists()
    assert not User.objects.visible_to(gone).exists()
    assert not Team.objects.visible_to(gone).exists()


def test_the_audit_trail_and_others_sessions_are_for_admins() -> None:
    csm, admin = make_user("csm"), make_user("admin")
    AuditEvent.objects.create(at=AT, verb="x")
    SignIn.objects.create(user=admin, session_key="k", started_at=AT, seen_at=AT)

    assert [AuditEvent.objects.visible_to(user).count() for user in (csm, admin)] == [0, 1]
    assert [SignIn.objects.visible_to(user).count() for user in (csm, admin)] == [0, 1]


@pytest.mark.parametrize("role", list(Role))
def test_a_page_that_asks_for_a_right_is_not_there_without_it(role: Role, rf: Any) -> None:
    @requires(Capability.MANAGE_PEOPLE)
    def page(request: HttpRequest, /) -> HttpResponse:
        return HttpResponse("shown")

    request = rf.post("/")
    request.user = make_user(role)
    if role is Role.ADMIN:
        assert page(request).status_code == 200
    else:
        with pytest.raises(Http404):
            page(request)


def test_a_foreign_row_and_no_row_are_the_same() -> None:
    csm = make_user("csm")
    mine, theirs = make_account(csm), make_account(make_user("csm"))

    assert get_visible_or_404(Account, csm, pk=mine.pk) == mine
    for pk in (theirs.pk, 0):
        with pytest.raises(Http404):
            get_visible_or_404(Account, csm, pk=pk)


def test_money_and_contact_details_are_hidden_field_by_field() -> None:
    product, viewer, csm = make_user("product_manager"), make_user("viewer"), make_user("csm")
    contact = Contact.objects.create(account=make_account(csm), name="Lin", email="lin@example.com", phone="1")
    values = {"name": "Lin", "email": "lin@example.com", "phone": "1"}

    assert [sees_money(user) for user in (product, viewer, csm)] == [False, True, True]
    assert hidden_fields(viewer, CONTACT_FIELDS) == {"email", "phone"}
    assert without_hidden(values, viewer, CONTACT_FIELDS) == {"name": "Lin"}
    assert contact_details(viewer, [contact]) == {contact.pk: ("", "")}
    assert contact_details(csm, [contact]) == {contact.pk: ("lin@example.com", "1")}
