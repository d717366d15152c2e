"""A real mail server for tests: it takes mails, refuses them, or dies over them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class PostOffice:
    """Keeps what it took. `answer` is what it says to a mail; None breaks the line after the mail was taken."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], EmailMessage]] = []
        self.answer: str | None = "250 OK"
        self.port = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail, or do not."""
        if self.answer is None or self.answer.startswith("250"):
            message = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
            self.taken.append((str(envelope.mail_from), list(envelope.rcpt_tos), message))
        if self.answer is None:
            server.transport.close()
            await asyncio.sleep(0)
            return "250 too late"
        return self.answer

    @property
    def messages(self) -> list[EmailMessage]:
        """The mails that were taken."""
        return [message for _sender, _to, message in self.taken]


@contextmanager
def post_office(settings: Any) -> Iterator[PostOffice]:
    """Run a mail server on this machine and send through it."""
    office = PostOffice()
    office.port = _free_port()
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
    settings.EMAIL_TIMEOUT = 5
    try:
        yield office
    finally:
        controller.stop()


def _free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
