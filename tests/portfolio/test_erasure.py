"""Is a person of a customer forgotten everywhere, for good, and nobody else with them?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Contact, Notification, TimelineEntry
from playbooks.models import Task
from portfolio.actions.erasure import erase_contact
from portfolio.models import Change
from portfolio.queries.erasure import names_of, places, traces_of
from tests.factories import AT, make_account, make_contact, make_evidence, make_handoff, make_user
from usage.models import AccountPersonUse, SurveyAnswer

pytestmark = pytest.mark.django_db
NAME, EMAIL, PHONE = "Zoë Quillfeather", "zoe.q@customer.example", "+49 40 5551234"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def named():
    """A contact who is named in many places, and a namesake at another customer."""
    csm = make_user()
    account, other = make_account(csm, name="Harbour Tools"), make_account(csm, name="Quay")
    account.custom = {"sponsor": f"{NAME}, since May"}
    account.save(update_fields=["custom"])
    contact = make_contact(account, name=NAME, email=EMAIL, phone=PHONE, title="Head of Quills", external_id="Z-1")
    make_contact(other, name="Zoë Other", email="other@customer.example")
    entry = {"account": account, "author": csm, "at": AT, "kind": "call"}
    TimelineEntry.objects.create(title=f"Call with {NAME.upper()}", body=f"Wrote to {EMAIL}, rang {PHONE}.", **entry)
    TimelineEntry.objects.create(title="Champion left", details={"who": NAME, "contact": contact.pk}, **entry)
    TimelineEntry.objects.create(title="Nobody is named", **entry)
    SurveyAnswer.objects.create(account=account, contact=contact, score=9, comment=f"– {NAME}", answered_on=AT.date())
    make_handoff(account, text=f"The sponsor is {NAME}.")
    make_evidence(account, contact=contact, verbatim=f"{NAME} needs it.")
    Task.objects.create(account=account, title={"en": f"Thank {NAME}"}, created_at=AT, assignee=csm)
    Change.objects.create(user=csm, step="timeline_entry_deleted", was={"copy": {"body": NAME}}, at=AT)
    Notification.objects.create(user=csm, kind="task", title=f"{NAME} waits", cause="x", at=AT)
    AccountPersonUse.objects.create(account=account, person=EMAIL, last_on=AT.date())
    TimelineEntry.objects.create(account=other, author=csm, at=AT, kind="note", title=f"Heard of {NAME} there")
    return contact


def everything_stored() -> str:
    """Every value of every row, as text."""
    found = []
    for model in apps.get_models():
        fields = [field.name for field in model._meta.concrete_fields]
        rows = model._default_manager.values_list(*fields)
        found += [json.dumps([str(model), *row], default=str, ensure_ascii=False) for row in rows]
    return "\n".join(found).casefold()


def test_after_an_erasure_nothing_personal_is_left_of_the_account(named):
    count = erase_contact(contact=named, by=make_user("admin"), at=timezone.now())

    left = everything_stored()
    # What another customer's people wrote is theirs; there the name alone proves nothing.
    left = left.replace(f"heard of {NAME.casefold()} there", "")
    for text in (NAME, EMAIL, PHONE, "Head of Quills", 'Z-1"'):
        assert text.casefold() not in left
    assert count == 9
    contact = Contact.objects.get(pk=named.pk)
    assert (contact.name, contact.email, contact.left_on) == (f"[{named.pk}]", "", timezone.now().date())
    assert SurveyAnswer.objects.get().score == 9
    assert TimelineEntry.objects.filter(title="Nobody is named").exists()
    assert Contact.objects.filter(name="Zoë Other", email="other@customer.example").exists()
    event = AuditEvent.objects.get(verb="contact.erased")
    assert event.object_id == str(named.pk)


def test_the_preview_counts_what_would_go_and_changes_nothing(client, named):
    client.force_login(make_user("admin"))
    before = everything_stored()

    page = client.post(reverse("privacy"), {"email": EMAIL.upper()}).content.decode()

    assert f"{NAME} at Harbour Tools" in page
    assert f"Named in {traces_of(named).count} texts" in page
    assert everything_stored().count(NAME.casefold()) == before.count(NAME.casefold())
    assert f"Erase {EMAIL.upper()}" in page


def test_only_who_sets_things_up_erases_and_has_to_confirm_who_they_are(client, named):
    client.force_login(make_user("cs_manager", visibility="all"))
    assert client.post(reverse("privacy_erase"), {"email": EMAIL}).status_code == 404
    client.force_login(make_user("admin"))
    assert client.post(reverse("privacy_erase"), {"email": EMAIL}).status_code == 302
    assert Contact.objects.filter(email=EMAIL).exists()


def test_an_address_that_nobody_has_is_said_at_its_field(client):
    client.force_login(make_user("admin"))
    page = client.post(reverse("privacy"), {"email": "nobody@nowhere.example"})
    assert page.status_code == 422
    assert "No contact has this address." in page.content.decode()
    assert client.post(reverse("privacy"), {"email": "no address"}).status_code == 422


def test_who_comes_back_with_an_older_backup_is_erased_again(named, django_capture_on_commit_callbacks, capsys):
    was = Contact.objects.filter(pk=named.pk).values().get()
    with django_capture_on_commit_callbacks(execute=True):
        erase_contact(contact=named, by=None, at=timezone.now())
    Contact.objects.filter(pk=named.pk).update(**was)

    call_command("repeat_erasures")
    assert "Erased again: 1" in capsys.readouterr().out
    assert not Contact.objects.filter(email=EMAIL).exists()
    call_command("repeat_erasures")
    assert "Erased again: 0" in capsys.readouterr().out


def test_short_names_of_latin_letters_name_nobody_for_certain(named):
    assert names_of(named) == [NAME, EMAIL, PHONE]
    assert "ab" not in names_of(Contact(name="ab"))
    assert names_of(Contact(name="李雷")) == ["李雷"]


def test_whatever_is_written_of_an_account_is_searched():
    searched = {place.model for place in places()}
    for model in apps.get_models():
        keys = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
        of_account = any(field.related_model is apps.get_model("accounts.account") for field in keys)
        free = [field for field in model._meta.concrete_fields if isinstance(field, models.TextField)]
        if of_account and free:
            assert model in searched, model._meta.label
