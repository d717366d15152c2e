"""Do mails reach a real mail server once, and what becomes of those that it refuses or that break on the way?"""

from __future__ import annotations

import socket

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from accounts.actions import mails, notifications
from accounts.models import Mail, NotificationChoice, Way
from common import jobs
from common.models import Job
from tests.factories import AT, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.allow_hosts(["127.0.0.1", "::1"])]


class Handler:
    """A mail server that does as it is told."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.answer = "250 OK"
        self.at_recipient = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.at_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_recipient

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.answer.startswith("250"):
            self.taken.append(envelope.content.decode())
        if self.answer == "break":
            self.taken.append(envelope.content.decode())
            server.transport.abort()
        return self.answer


@pytest.fixture
def smtp(settings):
    handler = Handler()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield handler
    server.stop()


@pytest.fixture
def waiting():
    """A mail that is to be sent."""
    person = make_user(email="ada@example.com")
    NotificationChoice.objects.create(user=person, kind="news", way=Way.AT_ONCE)
    notifications.notify_people([person], kind="news", title="A thing – 甲", cause="c:1", at=AT)
    jobs.run_due(timezone.now())
    return Mail.objects.get()


def again():
    Job.objects.filter(task="accounts.send_mail").update(run_after=None)
    jobs.run_due(timezone.now())


def state(mail):
    mail.refresh_from_db()
    return mail.state


def test_it_arrives_once_however_often_the_job_runs(smtp, waiting) -> None:
    again()
    for _time in range(3):
        mails.send_mail(mail_id=waiting.pk, at=AT)

    assert len(smtp.taken) == 1
    assert "ada@example.com" in smtp.taken[0]
    assert "Auto-Submitted: auto-generated" in smtp.taken[0]
    assert state(waiting) == Mail.State.SENT


def test_what_the_server_does_not_take_now_is_tried_again_and_arrives_once(smtp, waiting) -> None:
    smtp.answer = "451 Try later"
    again()
    assert (state(waiting), smtp.taken) == (Mail.State.WAITING, [])
    assert "451" in waiting.error
    smtp.answer = "250 OK"
    again()

    assert (state(waiting), len(smtp.taken)) == (Mail.State.SENT, 1)


def test_a_recipient_that_is_refused_for_good_is_not_tried_again(smtp, waiting) -> None:
    smtp.at_recipient = "550 No such person"
    again()
    smtp.at_recipient = "250 OK"
    again()

    assert (state(waiting), smtp.taken) == (Mail.State.REFUSED, [])
    assert "550" in waiting.error
    assert "ada@" not in waiting.error


def test_a_line_that_breaks_after_it_was_sent_is_not_used_again(smtp, waiting) -> None:
    smtp.answer = "break"
    again()
    smtp.answer = "250 OK"
    again()

    assert state(waiting) == Mail.State.UNCERTAIN
    assert len(smtp.taken) == 1


def test_a_server_that_is_away_loses_nothing(settings, waiting) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", closed.getsockname()[1]
    for _attempt in range(6):
        again()

    assert state(waiting) == Mail.State.WAITING
    parked = Job.objects.get(task="accounts.send_mail")
    assert parked.state == Job.State.PARKED
    assert "refused" in parked.last_error
