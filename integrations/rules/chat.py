"""In which words and shapes do notifications stand in a chat?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# A message of a chat is short; what is beyond stands in Mainstay.
MOST_LINES = 20


def slack_escaped(text: str) -> str:
    """Write a text so that the chat reads no command, link or mention in it.

    >>> slack_escaped("<!channel> A & B")
    '&lt;!channel&gt; A &amp; B'
    """
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def slack_message(head: str, lines: Sequence[tuple[str, str]], more: str = "") -> dict[str, Any]:
    r"""A message for Slack and what understands its messages: a line each, with its link.

    >>> slack_message("2 things", [("A <b>", "https://m.example/a"), ("B", "")])
    {'text': '2 things\n• <https://m.example/a|A &lt;b&gt;>\n• B'}
    """
    shown = [f"• <{url}|{slack_escaped(text)}>" if url else f"• {slack_escaped(text)}" for text, url in lines]
    return {"text": "\n".join([slack_escaped(head), *shown, *([slack_escaped(more)] if more else [])])}


def teams_message(head: str, lines: Sequence[tuple[str, str]], more: str = "") -> dict[str, Any]:
    """A message for a Teams workflow: an adaptive card with a line each.

    >>> teams_message("1 thing", [("A", "https://m.example/a")])["attachments"][0]["content"]["body"][1]["text"]
    '- [A](https://m.example/a)'
    """
    texts = [head, *(f"- [{_plain(text)}]({url})" if url else f"- {_plain(text)}" for text, url in lines)]
    blocks = [{"type": "TextBlock", "text": text, "wrap": True} for text in [*texts, *([more] if more else [])]]
    card = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def _plain(text: str) -> str:
    """A text in which a card finds no link or emphasis."""
    return "".join(f"\\{sign}" if sign in r"\[]()*_`#<>" else sign for sign in " ".join(text.split()))


def was_taken(status: int) -> str:
    """Say what a status means for a message: sent, to be tried again, or refused for good.

    >>> was_taken(204), was_taken(429), was_taken(503), was_taken(302), was_taken(404)
    ('sent', 'again', 'again', 'refused', 'refused')
    """
    if 200 <= status < 300:
        return "sent"
    return "again" if status == 429 or status >= 500 else "refused"
