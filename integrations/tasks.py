"""What is done about the outside in the background?"""

from __future__ import annotations

from django.utils import timezone

from common.jobs import task
from integrations.actions import chat
from integrations.actions.expiry import tell_of_expiring_tokens


@task("integrations.post_to_chat")
def post_to_chat() -> dict[str, int]:
    """Write the messages for the channels; a burst of notifications is one message."""
    return {"posts": chat.write_posts(at=timezone.now())}


@task("integrations.send_chat_post", atomic=False, limit=60, lease=60)
def send_chat_post(post_id: int) -> dict[str, str]:
    """Send one message, at most once: it is not atomic, for what was noted before must stand when the worker dies."""
    return {"state": chat.send_post(post_id=post_id, at=timezone.now())}


@task("integrations.tell_of_expiring_tokens", daily_at="06:00")
def expiring_tokens() -> dict[str, int]:
    """Tell owners of tokens that expire within 14 days."""
    return {"told": tell_of_expiring_tokens(at=timezone.now())}


@task("integrations.forget_chat_posts", daily_at="03:55")
def forget_chat_posts() -> dict[str, int]:
    """Keep the last hundred messages of each channel."""
    return {"deleted": chat.forget_posts()}
