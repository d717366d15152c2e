"""Do the settings show each role its own, change what is asked and nothing else?"""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions import audit
from accounts.models import AuditEvent, CustomField, Holiday, Organisation, RegionCalendar, SignIn, Tag, Team, User
from accounts.rules.roles import CAPABILITIES, Capability, Role
from tests.factories import AT, make_account, make_user

pytestmark = pytest.mark.django_db
FOR_SOME = {name: Capability(needs) for name, _label, _about, needs in settings.SETTINGS_PAGES if needs}
OWN = [name for name, _label, _about, needs in settings.SETTINGS_PAGES if not needs]


def assert_in_order(page: str, *parts: str) -> None:
    """Check that texts stand in a page, each after the one before."""
    place = 0
    for part in parts:
        place = page.index(part, place) + len(part)


def as_(user: User, *, just_now: bool = True) -> Client:
    """Sign a person in, as one who has given the password just now."""
    client = Client()
    client.force_login(user)
    if just_now:
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client


@pytest.mark.parametrize("role", list(Role))
def test_each_role_finds_its_own_settings_and_no_others(role: Role) -> None:
    client = as_(make_user(role))
    page = client.get(reverse("settings_home")).content.decode()

    for name in OWN:
        assert reverse(name) in page
        assert client.get(reverse(name)).status_code == 200
    for name, needs in FOR_SOME.items():
        may = needs in CAPABILITIES[role]
        assert (f'href="{reverse(name)}"' in page) == may
        assert client.get(reverse(name)).status_code == (200 if may else 404)


def writes(pk: int) -> list[tuple[str, dict[str, Any]]]:
    """Every address below the settings that changes what is not one's own."""
    person = {"name": "Eve", "role": "admin", "visibility": "all", "confirmed": "yes"}
    return [
        (reverse("person_invite"), {"email": "eve@example.com"} | person),
        (reverse("person_edit", args=[pk]), person),
        (reverse("person_deactivate", args=[pk]), {}),
        (reverse("person_reactivate", args=[pk]), {}),
        (reverse("person_end_sessions", args=[pk]), {}),
        (reverse("person_send_link", args=[pk]), {}),
        (reverse("teams"), {"name": "North"}),
        (reverse("team_edit", args=[pk]), {"name": "South"}),
        (reverse("team_delete", args=[pk]), {}),
        (reverse("organisation"), {"name": "Evil"}),
        (reverse("holidays"), {"on": "2026-12-25", "name": "x"}),
        (reverse("holiday_delete", args=[pk]), {}),
        (reverse("tags"), {"name": "x"}),
        (reverse("tag_edit", args=[pk]), {"name": "y"}),
        (reverse("tag_delete", args=[pk]), {}),
        (reverse("custom_field_create"), {"label": "x", "key": "x", "kind": "text", "position": "0"}),
        (reverse("custom_field_edit", args=[pk]), {"label": "x", "key": "x", "kind": "text", "position": "0"}),
        (reverse("custom_field_delete", args=[pk]), {}),
        (reverse("tokens_revoke_all"), {}),
    ]


def everything() -> list[Any]:
    tables = (User, Team, Organisation, Holiday, Tag, CustomField, AuditEvent, SignIn)
    return [sorted(map(str, model.objects.values())) for model in tables]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_a_denied_write_changes_nothing(role: Role) -> None:
    victim, client = make_user("csm", pk=77), as_(make_user(role))
    Team.objects.create(pk=77, name="t")
    Holiday.objects.create(pk=77, on="2026-01-01", name="h")
    Tag.objects.create(pk=77, name="t")
    CustomField.objects.create(pk=77, key="k", label="K", kind="text")
    before = everything()

    for address, form in writes(victim.pk):
        assert client.post(address, form).status_code == 404, address
    assert everything() == before


@pytest.mark.parametrize("name", ["person_deactivate", "person_reactivate", "person_end_sessions", "person_send_link"])
def test_a_verb_wants_a_post(name: str) -> None:
    user = make_user("admin")

    assert as_(user).get(reverse(name, args=[user.pk])).status_code == 405


def test_the_list_of_people_costs_the_same_for_one_and_for_many() -> None:
    admin = make_user("admin")
    client = as_(admin)

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(reverse("people")).status_code == 200
        return len(counted)

    queries()
    few = queries()
    for number in range(30):
        make_account(make_user(team=Team.objects.create(name=f"T{number}")))
    assert queries() == few


def test_people_are_found_by_name_role_and_state() -> None:
    client = as_(make_user("admin", name="Root"))
    make_user("csm", name="Mei Lin")
    make_user("viewer", name="Gone Girl", is_active=False)

    def found(query: str) -> list[str]:
        page = client.get(reverse("people") + query).content.decode()
        return [name for name in ("Mei Lin", "Gone Girl") if name in page]

    assert found("?q=mei") == ["Mei Lin"]
    assert found("?role=viewer") == ["Gone Girl"]
    assert found("?is_active=true") == ["Mei Lin"]
    assert client.get(reverse("people") + "?role=boss").status_code == 400
    assert client.get(reverse("people") + "?evil=1").status_code == 400


def test_inviting_shows_the_link_once_and_twice_is_refused_in_words() -> None:
    client = as_(make_user("admin"))
    form = {"email": "mei@example.com", "name": "Mei", "role": "csm", "team": "", "visibility": ""}

    assert "/welcome/" in client.post(reverse("person_invite"), form).content.decode()
    again = client.post(reverse("person_invite"), form)

    assert again.status_code == 422
    assert "Somebody with this e-mail exists already." in again.content.decode()


def test_another_role_asks_first_and_names_the_person() -> None:
    client, person = as_(make_user("admin")), make_user("csm", name="Mei Lin")
    form = {"name": "Mei Lin", "role": "cs_manager", "team": "", "visibility": "own"}
    address = reverse("person_edit", args=[person.pk])

    asked = client.post(address, form)
    assert "Change the role of Mei Lin" in asked.content.decode()
    person.refresh_from_db()
    assert person.role == "csm"

    assert client.post(address, form | {"confirmed": "yes"}).status_code == 302
    person.refresh_from_db()
    assert person.role == "cs_manager"


def test_shutting_out_can_be_undone_from_the_message() -> None:
    client, person = as_(make_user("admin")), make_user("csm")
    page = client.post(reverse("person_deactivate", args=[person.pk]), follow=True).content.decode()
    undo = reverse("person_reactivate", args=[person.pk])
    assert f'action="{undo}"' in page

    client.post(undo)

    person.refresh_from_db()
    assert person.is_active


def test_the_last_admin_is_told_so() -> None:
    admin = make_user("admin")
    page = as_(admin).post(reverse("person_deactivate", args=[admin.pk]), follow=True).content.decode()

    assert "This is the last admin." in page


def test_a_profile_speaks_the_language_that_one_chose() -> None:
    user = make_user("csm")
    client = as_(user)
    form = {"name": "Mei", "language": "zh-hans", "theme": "dark", "density": "compact", "keys_enabled": "on"}

    answer = client.post(reverse("profile"), form)

    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    user.refresh_from_db()
    assert (user.name, user.language, user.theme, user.density) == ("Mei", "zh-hans", "dark", "compact")
    assert 'lang="zh-Hans"' in client.get(reverse("profile")).content.decode()


def test_nobody_gives_themselves_a_role_in_the_profile() -> None:
    user = make_user("csm")
    as_(user).post(reverse("profile"), {"name": "Eve", "theme": "dark", "density": "compact", "role": "admin"})

    user.refresh_from_db()
    assert (user.name, user.role) == ("Eve", "csm")


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "\\\\evil"])
def test_the_menu_leads_back_here_and_nowhere_else(wanted: str, settings: Any) -> None:
    settings.LOGIN_REDIRECT_URL = "settings_home"
    client = as_(make_user())

    assert client.post(reverse("change_appearance"), {"theme": "dark", "next": wanted})["Location"] == "/settings/"
    assert client.post(reverse("set_language"), {"language": "en", "next": wanted})["Location"] == "/settings/"
    assert client.post(reverse("change_appearance"), {"next": "/settings/tokens/"})["Location"] == "/settings/tokens/"


def test_a_stranger_may_choose_the_language_of_the_sign_in_page(settings: Any) -> None:
    client = Client()
    client.post(reverse("set_language"), {"language": "zh-hans", "next": "/sign-in/login/"})

    assert 'lang="zh-Hans"' in client.get("/sign-in/login/").content.decode()


def organisation_form(**changes: Any) -> dict[str, Any]:
    form = {
        "name": "Acme",
        "time_zone": "Europe/Berlin",
        "reporting_currency": "EUR",
        "renewal_gap_days": "0",
        "working_days": ["0", "1"],
        "workday_starts": "09:00",
        "workday_ends": "17:30",
        "handoff_target_hours": "8",
        "handoff_required_sections": ["risks"],
        "override_days": "30",
        "override_most_days": "90",
        "override_notice_days": "3",
        "digest_at": "07:00",
    }
    return form | changes


def test_the_organisation_is_set() -> None:
    assert as_(make_user("admin")).post(reverse("organisation"), organisation_form()).status_code == 302

    stored = Organisation.load()
    assert (stored.time_zone, stored.reporting_currency, stored.working_days) == ("Europe/Berlin", "EUR", [0, 1])
    assert stored.handoff_required_sections == ["risks"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Mars/Olympus"},
        {"reporting_currency": "XXX"},
        {"working_days": []},
        {"working_days": ["7"]},
        {"workday_ends": "08:00"},
        {"handoff_target_hours": "0"},
        {"override_days": "0"},
        {"override_days": "91"},
        {"renewal_gap_days": "9" * 30},
        {"handoff_required_sections": ["password"]},
        {"name": "\u200b"},
    ],
)
def test_an_organisation_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    answer = as_(make_user("admin")).post(reverse("organisation"), organisation_form(**wrong))

    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert not Organisation.objects.exists()


def test_tags_and_fields_are_added_changed_and_deleted() -> None:
    client = as_(make_user("admin"))
    client.post(reverse("tags"), {"name": "partner"})
    assert client.post(reverse("tags"), {"name": "Partner"}).status_code == 422
    tag = Tag.objects.get()
    client.post(reverse("tag_edit", args=[tag.pk]), {"name": "ally"})
    assert Tag.objects.get().name == "ally"
    client.post(reverse("tag_delete", args=[tag.pk]))
    assert not Tag.objects.exists()

    form = {"label": "Plan", "key": "Plan-Name", "kind": "choice", "choices": "gold\n\nsilver\ngold", "position": "1"}
    assert client.post(reverse("custom_field_create"), form).status_code == 302
    field = CustomField.objects.get()
    assert (field.key, field.choices) == ("plan_name", ["gold", "silver"])
    client.post(reverse("custom_field_edit", args=[field.pk]), form | {"label": "Package"})
    assert CustomField.objects.get().label == "Package"
    assert client.post(reverse("custom_field_create"), form | {"choices": ""}).status_code == 422
    client.post(reverse("custom_field_delete", args=[field.pk]))
    assert not CustomField.objects.exists()


class TestTheAuditLog:
    """Admins read it page by page and narrow it."""

    def test_it_is_read_page_by_page(self) -> None:
        admin = make_user("admin")
        for number in range(60):
            AuditEvent.objects.create(at=AT, verb="team.created", actor=admin, object_id=str(number))
        client = as_(admin)

        first = client.get(reverse("audit_log")).content.decode()
        following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
        second = client.get(reverse("audit_log") + following).content.decode()

        assert (first.count("<time "), second.count("<time ")) == (50, 10)

    def test_it_is_narrowed_by_person_act_and_day(self) -> None:
        admin, csm = make_user("admin"), make_user("csm")
        AuditEvent.objects.create(at=AT, verb="a.b", actor=csm)
        AuditEvent.objects.create(at=AT.replace(year=2025), verb="c.d", actor=admin)
        client = as_(admin)

        def count(query: str) -> int:
            return client.get(reverse("audit_log") + query).content.decode().count("<time ")

        assert [count(q) for q in ("", f"?actor={csm.pk}", "?verb=c.d", "?since=2026-06-15&until=2026-06-15")] == [
            2,
            1,
            1,
            1,
        ]
        assert client.get(reverse("audit_log") + "?since=2026-02-31").status_code == 400
        assert client.get(reverse("audit_log") + "?after=rubbish").status_code == 200

    def test_the_part_is_the_same_as_in_the_page(self) -> None:
        admin = make_user("admin")
        AuditEvent.objects.create(at=AT, verb="a.b", actor=admin)
        client = as_(admin)

        part = client.get(reverse("audit_log"), headers={"HX-Request": "true"}).content.decode()

        assert part.strip() in client.get(reverse("audit_log")).content.decode()

    def test_it_speaks_of_acts_objects_and_changes_as_people_do(self) -> None:
        admin, account = make_user("admin"), make_account(name="Fern Hotels")
        audit.record("account.stage_set", by=admin, at=AT, obj=account, changes={"stage": ["onboarding", "mature"]})
        audit.record(
            "list.exported", by=admin, at=AT, changes={"rows": 12, "filters": [None, ["tier"]], "ids": [*range(1, 12)]}
        )
        audit.record(
            "person.changed", by=admin, at=AT, obj=admin, changes={"team": [None, Team.objects.create(name="North").pk]}
        )

        page = as_(admin).get(reverse("audit_log")).content.decode()

        assert_in_order(page, "Person: changed", f"Person: {admin.name}", "Team:", "North")
        # PostgreSQL keeps the columns of a change in an order of its own.
        assert_in_order(page, "List: taken away as a file", "Filters:", "tier")
        assert_in_order(page, "List: taken away as a file", "Ids:", "1, 2, 3, 4, 5, 6, 7, 8 and 3 more")
        assert_in_order(page, "Account: stage changed", "Account: Fern Hotels", "Stage:", "Onboarding → Mature")

    def test_what_it_notes_beside_columns_has_words_and_names_too(self) -> None:
        admin, account, last = make_user("admin"), make_account(name="Fern Hotels"), make_user(name="Ida Last")
        changes = {"user": [None, admin.pk], "from": {str(account.pk): last.pk}, "accounts": [account.pk]}
        audit.record("accounts.transferred", by=admin, at=AT, obj=admin, changes=changes)

        page = as_(admin).get(reverse("audit_log")).content.decode()

        assert_in_order(page, "Person:", admin.name)
        assert_in_order(page, "Taken over from:", "Ida Last")
        assert_in_order(page, "Accounts:", "Fern Hotels")

    def test_in_chinese_it_does_so_too(self) -> None:
        admin = make_user("admin", language="zh-hans")
        audit.record("sign_in.succeeded", by=admin, at=AT, obj=admin, changes={"method": [None, "password"]})

        page = as_(admin).get(reverse("audit_log")).content.decode()

        assert_in_order(page, "登录：成功", "登录方式", "password")

    def test_one_row_and_fifty_take_the_same_queries(self, django_assert_max_num_queries: Any) -> None:
        admin = make_user("admin")
        client = as_(admin)
        for _ in range(50):
            audit.record("account.created", by=admin, at=AT, obj=make_account())
        client.get(reverse("audit_log"))
        with CaptureQueriesContext(connection) as many:
            client.get(reverse("audit_log"))
        AuditEvent.objects.exclude(pk=AuditEvent.objects.latest("pk").pk).delete()
        with CaptureQueriesContext(connection) as one:
            client.get(reverse("audit_log"))

        assert len(many) == len(one)


def test_a_region_gets_working_days_of_its_own_and_gives_them_back() -> None:
    client = as_(make_user("admin"))
    url = reverse("region_calendar_set")
    refused = client.post(url, {"region": "Gulf"})
    assert refused.status_code == 422
    assert 'id="week_region"' in refused.content.decode()
    client.post(url, {"region": "Gulf", "working_days": ["6", "0", "1", "2", "3"]})
    client.post(url, {"region": "gulf", "working_days": ["6", "0", "1", "2"]})
    calendar = RegionCalendar.objects.get()
    assert (calendar.region, calendar.working_days) == ("Gulf", [0, 1, 2, 6])
    assert "Gulf" in client.get(reverse("holidays")).content.decode()
    client.post(reverse("region_calendar_delete", args=[calendar.pk]))
    assert not RegionCalendar.objects.exists()
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"region_calendar.set", "region_calendar.removed"} <= verbs
