"""How are notifications written into a chat, each message at most once?

A message is written down before it is sent and again after. Where the chat clearly did not take it, it is tried again;
where nobody can say, it is not. Everybody in a channel reads what stands there, so a message holds titles and links
and no more.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.traces import leave_audit
from accounts.models import Notification, User
from accounts.queries.notifications import kinds
from common import jobs, outgoing, text
from common.errors import Refused
from integrations.models import ChatPost, ChatWebhook
from integrations.rules.chat import MOST_LINES, slack_message, teams_message, was_taken

State = ChatPost.State
KEPT_POSTS = 100


class NotTaken(Exception):
    """The chat did not take it, so it may be tried again."""


def _seal() -> Fernet:
    """What seals addresses: a key that is not in the database."""
    key = salted_hmac("integrations.chat", "address", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))


def address_of(webhook: ChatWebhook) -> str:
    """The address of a channel; it can be read only with the key under which it was kept."""
    try:
        return _seal().decrypt(webhook.sealed_url.encode()).decode()
    except InvalidToken:
        message = _("The address of “%(name)s” was sealed with another SECRET_KEY. Enter it again.")
        raise Refused(message % {"name": webhook.name}, field="url") from None


@transaction.atomic
def save_webhook(
    *, by: User, at: dt.datetime, name: str, style: str, kinds: Sequence[str], language: str, url: str = "",
    is_enabled: bool = True, webhook: ChatWebhook | None = None,
) -> ChatWebhook:  # fmt: skip
    """Name a channel, or change one; an address that is left empty stays as it was."""
    saved = webhook or ChatWebhook(created_at=at, told_until=_last_notification())
    saved.name = text.clean(name, _("Name"), max_length=100)
    if ChatWebhook.objects.exclude(pk=saved.pk).filter(name=saved.name).exists():
        raise Refused(_("There is a channel with this name."), field="name", code="unique")
    _check_kinds(kinds)
    if url:
        outgoing.find_target(url, trusted=settings.WEBHOOK_NETWORKS)
        saved.sealed_url = _seal().encrypt(url.encode()).decode()
    elif not saved.sealed_url:
        raise Refused(_("Give the address that the chat gave you."), field="url", code="required")
    if is_enabled and not saved.is_enabled:
        saved.told_until = _last_notification()
    saved.style, saved.kinds, saved.language, saved.is_enabled = style, list(kinds), language, is_enabled
    saved.save()
    # The address is a secret and stays out of the trail.
    changes = {"kinds": [None, saved.kinds], "is_enabled": [None, is_enabled], "address": [None, bool(url)]}
    leave_audit("chat_webhook.saved", saved, by=by, at=at, changes=changes)
    return saved


def _check_kinds(wanted: Sequence[str]) -> None:
    known = {kind.key for kind in kinds()}
    if not wanted or not set(wanted) <= known:
        raise Refused(_("Choose what the channel is told of."), field="kinds")


def _last_notification() -> int:
    return Notification.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


@transaction.atomic
def delete_webhook(*, webhook: ChatWebhook, by: User, at: dt.datetime) -> None:
    """Forget a channel and its address."""
    leave_audit("chat_webhook.deleted", webhook, by=by, at=at)
    webhook.delete()


@transaction.atomic
def try_webhook(*, webhook: ChatWebhook, by: User, at: dt.datetime) -> ChatPost:
    """Write one line into a channel, to see whether it arrives."""
    leave_audit("chat_webhook.tried", webhook, by=by, at=at)
    return _queue(webhook, 0, 0, at)


@transaction.atomic
def write_posts(*, at: dt.datetime) -> int:
    """Take what was told since the last time into one message for each channel."""
    last, made = _last_notification(), 0
    for webhook in ChatWebhook.objects.select_for_update().filter(is_enabled=True, told_until__lt=last).order_by("pk"):
        after, webhook.told_until = webhook.told_until, last
        webhook.save(update_fields=["told_until"])
        if _told(webhook, after, last).exists():
            _queue(webhook, after, last, at)
            made += 1
    return made


def _queue(webhook: ChatWebhook, after: int, until: int, at: dt.datetime) -> ChatPost:
    post = ChatPost.objects.create(webhook=webhook, after_id=after, until_id=until, made_at=at)
    jobs.enqueue("integrations.send_chat_post", once=f"chat:{post.pk}", post_id=post.pk)
    return post


def _told(webhook: ChatWebhook, after: int, until: int) -> Any:
    return Notification.objects.filter(pk__gt=after, pk__lte=until, kind__in=webhook.kinds)


def send_post(*, post_id: int, at: dt.datetime) -> str:
    """Send one message and answer with what became of it; raises if the chat did not take it."""
    post = _begin(post_id, at)
    if post is None:
        return str(ChatPost.objects.get(pk=post_id).state)
    try:
        url = address_of(post.webhook)
        status = outgoing.post_json(url, _body(post), key=f"chat-{post.pk}", trusted=settings.WEBHOOK_NETWORKS)
        became = was_taken(status)
    except outgoing.NotSent as error:
        _end(post, State.WAITING, at, str(error))
        raise NotTaken(str(error)) from error
    except outgoing.Unanswered as error:
        _end(post, State.UNCERTAIN, at, str(error))
    except Refused as refusal:
        _end(post, State.REFUSED, at, str(refusal))
    else:
        _end(post, {"sent": State.SENT, "refused": State.REFUSED}.get(became, State.WAITING), at, f"HTTP {status}")
        if became == "again":
            raise NotTaken(f"HTTP {status}")
    return str(post.state)


@transaction.atomic
def _begin(post_id: int, at: dt.datetime) -> ChatPost | None:
    """Note that a message begins to be sent; None if it must not be sent, or not again."""
    post = ChatPost.objects.select_for_update(of=("self",)).select_related("webhook").filter(pk=post_id).first()
    if post is None:
        raise Refused(_("The channel is gone."))
    if post.state == State.SENDING:
        # The worker that began died on the way: perhaps after the chat took it.
        _end(post, State.UNCERTAIN, at, "The worker stopped while sending.")
    if post.state != State.WAITING:
        return None
    _end(post, State.SENDING, at)
    return post


def _end(post: ChatPost, state: State, at: dt.datetime, error: str = "") -> None:
    post.state, post.ended_at, post.error = state, at, "" if state == State.SENT else error[:500]
    post.save(update_fields=["state", "ended_at", "error"])


def _body(post: ChatPost) -> dict[str, Any]:
    """Write the message in the channel's language."""
    webhook = post.webhook
    with translation.override(webhook.language):
        if not post.until_id:
            words = _("Mainstay writes into this channel from now on.")
            return _shaped(webhook.style, words, [], "")
        lines = _lines(post)
        words = ngettext("Mainstay: %(count)s thing", "Mainstay: %(count)s things", len(lines)) % {"count": len(lines)}
        left = len(lines) - MOST_LINES
        more = ngettext("And %(count)s more.", "And %(count)s more.", left) % {"count": left} if left > 0 else ""
        return _shaped(webhook.style, words, lines[:MOST_LINES], more)


def _shaped(style: str, head: str, lines: list[tuple[str, str]], more: str) -> dict[str, Any]:
    shape = teams_message if style == ChatWebhook.Style.TEAMS else slack_message
    return shape(head, lines, more)


def _lines(post: ChatPost) -> list[tuple[str, str]]:
    """Each cause once, however many people were told of it, in the channel's language where somebody reads that."""
    found: dict[str, tuple[bool, str, str]] = {}
    told = _told(post.webhook, post.after_id, post.until_id).order_by("pk")
    for cause, title, url, language in told.values_list("cause", "title", "url", "user__language"):
        fits = (language or settings.LANGUAGE_CODE) == post.webhook.language
        if cause not in found or (fits and not found[cause][0]):
            found[cause] = (fits, title, f"{settings.SITE_URL}{url}" if url else "")
    return [(title, url) for _fits, title, url in found.values()]


def forget_posts() -> int:
    """Keep the last messages of each channel."""
    count = 0
    for webhook in ChatWebhook.objects.order_by("pk"):
        last = webhook.posts.order_by("-pk").values_list("pk", flat=True)[KEPT_POSTS : KEPT_POSTS + 1].first()
        if last is not None:
            count += webhook.posts.filter(pk__lte=last).delete()[0]
    return count
