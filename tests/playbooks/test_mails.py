"""Does a mail of a step reach who wants it, once, and nobody else?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AuditEvent, Contact, Notification, TimelineEntry
from common.errors import Refused
from common.jobs import run_due
from common.models import Job
from health.rules.parsing import ScorecardError
from playbooks import actions
from playbooks.actions import mails
from playbooks.models import MailSettings, Playbook, StepMail, Task
from playbooks.queries.mails import is_deliverable, posts_of, unsubscribe_link
from playbooks.rules.definition import parse_definition
from tests.factories import AT, make_account, make_contact, make_playbook, make_step, make_user
from tests.playbooks.post_office import PostOffice, post_office

pytestmark = [pytest.mark.django_db, pytest.mark.allow_hosts(["127.0.0.1", "localhost"])]
ON = AT.date()
GUIDE = {
    "subject": {"en": "Welcome, {{account}}", "zh-hans": "欢迎{{account}}"},
    "body": {"en": "Dear {{contact}},\n\nread {{guide}}.\n\n{{owner}}", "zh-hans": "{{contact}}，请阅读{{guide}}。"},
}


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(AT, tick=True):
        yield


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with post_office(settings) as running:
        yield running


@pytest.fixture
def csm() -> Any:
    return make_user(name="Ana", email="ana@ours.example")


@pytest.fixture
def account(csm: Any) -> Account:
    MailSettings.objects.create(
        pk=1, sender_name="Tidewater", reply_to="help@ours.example", guide_url="https://ours.example/guide",
        footer="Tidewater, Pier 4",
    )  # fmt: skip
    return make_account(csm, name="Harbour", tier="rabbit", signed_on=ON)


def mail_playbook(*, role: str = "automatic", **mail: Any) -> Playbook:
    return make_playbook(make_step("guide", kind="email", role=role, mail=GUIDE | mail), make_step("after"))


def mail_task(account: Account, playbook: Playbook | None = None) -> Task:
    run = actions.start_run(playbook=playbook or mail_playbook(), account=account, by=None, at=AT)
    return Task.objects.get(run=run, step_key="guide")


def deliver() -> None:
    """Do what a worker would."""
    run_due(dt.datetime.now(dt.UTC))


def test_an_automatic_step_reaches_its_contacts_and_is_finished(office: PostOffice, account: Account) -> None:
    make_contact(account, name="Zoë", email="zoe@harbour.example")
    make_contact(account, name="Left", email="left@harbour.example", left_on=ON)
    make_contact(account, name="Mute", email="mute@harbour.example", unsubscribed_at=AT)
    make_contact(account, name="Nowhere")
    task = mail_task(account)

    assert mails.send_automatic_mails(on=ON, at=AT)["mails"] == 1
    deliver()

    [(sender, to, message)] = office.taken
    assert (sender, to) == ("mainstay@localhost", ["zoe@harbour.example"])
    assert message["Subject"] == "Welcome, Harbour"
    assert message["From"] == "Tidewater <mainstay@localhost>"
    assert message["Reply-To"] == "help@ours.example"
    text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert "Dear Zoë,\n\nread https://ours.example/guide.\n\nAna" in text
    assert "Tidewater, Pier 4" in text
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].strip(" <>") in text
    task.refresh_from_db()
    assert task.state == Task.State.DONE
    mail = StepMail.objects.get()
    assert (mail.state, bool(mail.handed_at), bool(mail.sent_at)) == ("sent", True, True)
    entry = TimelineEntry.objects.get(details__step_mail=mail.pk)
    assert (entry.title, entry.kind, list(entry.contacts.all())) == ("Welcome, Harbour", "playbook", [mail.contact])
    assert AuditEvent.objects.filter(verb="step_mail.sent").exists()


def test_it_goes_out_once_however_often_anybody_looks(office: PostOffice, account: Account) -> None:
    make_contact(account, email="zoe@harbour.example")
    mail_task(account)
    for _ in range(3):
        mails.send_automatic_mails(on=ON, at=AT)
        deliver()
    mail = StepMail.objects.get()
    assert mails.deliver_mail(mail_id=mail.pk, at=AT) == "sent"
    assert len(office.taken) == 1


def test_a_server_that_is_away_costs_nothing(settings: Any, account: Account) -> None:
    make_contact(account, email="zoe@harbour.example")
    mail_task(account)
    with post_office(settings) as office:
        pass  # its address is known, and nobody listens there
    mails.send_automatic_mails(on=ON, at=AT)
    deliver()
    mail = StepMail.objects.get()
    assert (mail.state, mail.handed_at) == ("queued", None)
    assert Job.objects.get(task="playbooks.deliver_mail").state == Job.State.QUEUED

    with post_office(settings) as office:
        assert mails.deliver_mail(mail_id=mail.pk, at=AT) == "sent"
        assert len(office.taken) == 1


def test_a_server_that_asks_to_come_again_is_asked_again(office: PostOffice, account: Account) -> None:
    make_contact(account, email="zoe@harbour.example")
    mail_task(account)
    mails.send_automatic_mails(on=ON, at=AT)
    mail = StepMail.objects.get()
    office.answer = "451 busy"
    with pytest.raises(mails.NotReached, match="451 busy"):
        mails.deliver_mail(mail_id=mail.pk, at=AT)
    mail.refresh_from_db()
    assert (mail.state, mail.error) == ("queued", "451 busy")
    office.answer = "250 OK"
    assert mails.deliver_mail(mail_id=mail.pk, at=AT) == "sent"


def test_a_refusal_is_told_and_leaves_the_step_open(office: PostOffice, account: Account, csm: Any) -> None:
    make_contact(account, email="zoe@harbour.example")
    task = mail_task(account)
    mails.send_automatic_mails(on=ON, at=AT)
    office.answer = "550 no such person"
    deliver()
    mail = StepMail.objects.get()
    assert (mail.state, mail.error) == ("failed", "550 no such person")
    assert Notification.objects.get(kind="mail").user == csm
    task.refresh_from_db()
    assert task.state == Task.State.OPEN


def test_a_worker_that_dies_over_a_mail_does_not_send_it_twice(office: PostOffice, account: Account, csm: Any) -> None:
    make_contact(account, email="zoe@harbour.example")
    mail_task(account)
    mails.send_automatic_mails(on=ON, at=AT)
    # The server takes the mail and the line breaks before it can say so.
    office.answer = None
    deliver()
    mail = StepMail.objects.get()
    assert mail.state == "unsure"
    # The worker is killed after the row said that it is handed over.
    StepMail.objects.filter(pk=mail.pk).update(state="sending")
    assert mails.deliver_mail(mail_id=mail.pk, at=AT) == "unsure"
    assert len(office.taken) == 1

    office.answer = "250 OK"
    mails.send_again(mail=mail, by=csm, at=AT)
    deliver()
    assert [message["Message-ID"] for message in office.messages] == [office.messages[0]["Message-ID"]] * 2
    mail.refresh_from_db()
    assert mail.state == "sent"
    with pytest.raises(Refused, match="went out"):
        mails.send_again(mail=mail, by=csm, at=AT)


def test_who_unsubscribes_while_the_mail_waits_does_not_get_it(office: PostOffice, account: Account) -> None:
    contact = make_contact(account, email="zoe@harbour.example")
    mail_task(account)
    mails.send_automatic_mails(on=ON, at=AT)
    mails.unsubscribe(contact=contact, at=AT)
    deliver()
    assert office.taken == []
    assert StepMail.objects.get().state == "left_out"


def test_one_click_unsubscribes_without_signing_in(client: Client, account: Account) -> None:
    contact = make_contact(account, name="Zoë", email="zoe@harbour.example")
    path = unsubscribe_link(contact).removeprefix("http://localhost:8000")
    strict = Client(enforce_csrf_checks=True)
    assert "No more of these mails?" in strict.get(path).text
    assert Contact.objects.get(pk=contact.pk).unsubscribed_at is None

    assert strict.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    contact.refresh_from_db()
    assert contact.unsubscribed_at is not None
    assert TimelineEntry.objects.get(account=account).title == "Unsubscribed from mails: Zoë"
    assert "Zoë" not in strict.get(path).text

    client.post(path + "back/")
    contact.refresh_from_db()
    assert contact.unsubscribed_at is None
    for wrong in ("abc", path.split("/")[2][:-2] + "xx", "1"):
        assert client.post(f"/unsubscribe/{wrong}/").status_code == 404


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("Hello {{mood}}", "no placeholder {{mood}}"),
        ("Hello {owner}", "no placeholder {owner}"),
        ("Hello {{ account.name }}", "no placeholder {{account.name}}"),
        ("Hello\r\nBcc: all@example.com", "one line"),
    ],
)
def test_a_template_that_could_not_be_sent_is_refused_on_saving(subject: str, said: str) -> None:
    step = make_step("guide", kind="email", mail={"subject": subject, "body": "x"})
    with pytest.raises(ScorecardError) as refused:
        parse_definition({"name": "P", "steps": [step]})
    assert said in refused.value.message % refused.value.params


def test_a_name_with_a_line_break_adds_no_line_to_the_head(office: PostOffice, account: Account, csm: Any) -> None:
    make_contact(account, email="zoe@harbour.example")
    Account.objects.filter(pk=account.pk).update(name="Harbour\r\nBcc: all@example.com")
    task = mail_task(Account.objects.get(pk=account.pk), mail_playbook(role="csm"))
    with pytest.raises(Refused, match="line break"):
        mails.send_step_mails(task=task, by=csm, at=AT, on=ON)
    assert not StepMail.objects.exists()
    for wrong in ("a@b.example\nBcc: c@d.example", "a@b.example, c@d.example", "a b@c.example", ""):
        assert not is_deliverable(wrong)


def test_a_placeholder_without_a_value_holds_the_mail_back(account: Account) -> None:
    make_contact(account, email="zoe@harbour.example")
    MailSettings.objects.update(guide_url="")
    task = mail_task(account)
    assert mails.send_automatic_mails(on=ON, at=AT) == {"mails": 0, "nobody": 0, "waiting": 1}
    assert posts_of([task], ON)[0].problems == ("There is no value for {{guide}}.",)
    MailSettings.objects.update(guide_url="https://ours.example/guide")
    assert mails.send_automatic_mails(on=ON, at=AT)["mails"] == 1


def test_a_step_with_nobody_to_write_to_is_finished_and_says_so(account: Account) -> None:
    make_contact(account, name="Mute", email="mute@harbour.example", unsubscribed_at=AT)
    task = mail_task(account)
    assert mails.send_automatic_mails(on=ON, at=AT)["nobody"] == 1
    task.refresh_from_db()
    assert (task.state, task.result) == ("done", "Nobody to write to: Mute has unsubscribed")


def test_steps_that_are_not_due_put_off_or_paused_wait(account: Account, csm: Any) -> None:
    make_contact(account, email="zoe@harbour.example")
    playbook = make_playbook(make_step("guide", kind="email", role="automatic", mail=GUIDE, offset=30))
    task = mail_task(account, playbook)
    assert mails.send_automatic_mails(on=ON, at=AT)["mails"] == 0
    actions.pause_run(run=task.run, reason="They moved.", by=csm, at=AT)
    assert mails.send_automatic_mails(on=ON + dt.timedelta(days=40), at=AT)["mails"] == 0


def test_many_steps_cost_as_many_queries_as_one(csm: Any, account: Account) -> None:
    def night() -> int:
        with CaptureQueriesContext(connection) as seen:
            mails.send_automatic_mails(on=ON, at=AT)
        return len(seen)

    playbook = mail_playbook()

    def due(count: int) -> None:
        for number in range(count):
            one = make_account(csm, tier="rabbit")
            make_contact(one, email=f"a{number}@b.example")
            mail_task(one, playbook)

    due(1)
    few = night()
    due(12)
    assert night() == few


def test_a_person_sees_the_mail_before_it_goes_and_sends_it(
    client: Client, office: PostOffice, account: Account, csm: Any
) -> None:
    zoe = make_contact(account, name="Zoë", email="zoe@harbour.example")
    make_contact(account, name="Bob", email="bob@harbour.example")
    task = mail_task(account, mail_playbook(role="csm"))
    client.force_login(csm)
    url = f"/tasks/{task.pk}/mail/"
    page = client.get(url)
    assert "Welcome, Harbour" in page.text
    assert "欢迎Harbour" in client.get(url, {"language": "zh-hans"}).text
    assert client.post(f"{url}send/", {"contacts": []}).status_code == 422

    assert client.post(f"{url}send/", {"contacts": [zoe.pk], "language": "zh-hans"}).status_code == 302
    deliver()
    assert [message["Subject"] for message in office.messages] == ["欢迎Harbour"]
    entry = TimelineEntry.objects.get(details__has_key="step_mail")
    assert (entry.kind, entry.author) == ("email", csm)
    assert "Sent" in client.get(url).text
    assert client.post(f"{url}send/", {"contacts": [zoe.pk]}).status_code == 422
    assert len(office.taken) == 1


def test_who_does_not_see_the_account_sends_nothing(client: Client, account: Account) -> None:
    task = mail_task(account, mail_playbook(role="csm"))
    client.force_login(make_user())
    assert client.get(f"/tasks/{task.pk}/mail/").status_code == 404
    assert client.post(f"/tasks/{task.pk}/mail/send/").status_code == 404
    client.force_login(make_user("viewer", visibility="all"))
    assert client.get(f"/tasks/{task.pk}/mail/").status_code == 200
    assert client.post(f"/tasks/{task.pk}/mail/send/").status_code == 404


def test_a_manager_sets_how_tiers_are_served_and_from_whom_mails_come(client: Client) -> None:
    client.force_login(make_user("cs_manager"))
    url = "/settings/playbooks/"
    sent = {
        "channel_elephant": "person", "channel_cheetah": "pooled", "channel_rabbit": "digital", "health_days": "60",
        "kept_days": "180", "fewest_pairs": "25", "saved_percent": "50", "sender_name": "Tidewater",
        "reply_to": "help@ours.example", "guide_url": "https://a.example/g", "manual_url": "", "footer": "Pier 4",
    }  # fmt: skip
    assert client.post(url, sent).status_code == 302
    from playbooks.queries.channels import channels_of_tiers

    assert channels_of_tiers() == {"elephant": "person", "cheetah": "pooled", "rabbit": "digital"}
    assert MailSettings.load().footer == "Pier 4"
    assert 'value="60"' in client.get(url).text
    assert client.post(url, sent | {"health_days": "200"}).status_code == 422
    assert client.post(url, sent | {"sender_name": "A\r\nBcc: b@c.example", "reply_to": "no"}).status_code == 422
    assert AuditEvent.objects.filter(verb="service_channel.changed").count() == 1
    client.force_login(make_user())
    assert client.get(url).status_code == 404
