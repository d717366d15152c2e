"""What does an e-mail of a step say to this one contact, and may it be sent at all?

There is no template engine: a fixed list of words in double braces, each replaced by its value, once. What a value
says is never read again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACEHOLDERS = (
    "account",
    "contact",
    "owner",
    "owner_email",
    "organisation",
    "signed_on",
    "live_on",
    "renewal_on",
    "days_to_renewal",
    "guide",
    "manual",
)
# In double braces with any blanks inside; a single brace around a word is a slip that a customer would read.
FOUND = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
SLIP = re.compile(r"(?<!\{)\{\s*([a-z_]+)\s*\}(?!\})")
# Characters that would begin another line of a mail's head, or hide what stands there.
BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class MailRefused(ValueError):
    """A mail that cannot be sent; `code` says why."""

    def __init__(self, code: str, value: str = "") -> None:
        super().__init__(f"{code}: {value}")
        self.code = code
        self.value = value


def unknown_placeholders(text: str) -> list[str]:
    """Name what stands in braces and is no placeholder, and single braces around a word.

    >>> unknown_placeholders("Dear {{contact}}, {{ mood }} {owner} {{}} {}")
    ['{{mood}}', '{{}}', '{owner}']
    """
    found = ["{{" + name + "}}" for name in FOUND.findall(text) if name not in PLACEHOLDERS]
    return [*found, *("{" + name + "}" for name in SLIP.findall(text))]


def missing_values(text: str, values: Mapping[str, str]) -> list[str]:
    """Name the placeholders of a text that have no value for this contact.

    >>> missing_values("{{contact}}: {{guide}}", {"contact": "Ada", "guide": ""})
    ['guide']
    """
    return [name for name in dict.fromkeys(FOUND.findall(text)) if not values.get(name)]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in; a value that looks like a placeholder stays as it is.

    >>> fill("Dear {{ contact }} of {{account}}", {"contact": "{{account}}", "account": "Harbour"})
    'Dear {{account}} of Harbour'
    """
    return FOUND.sub(lambda found: values.get(found.group(1), found.group(0)), text)


def head_line(text: str) -> str:
    r"""Give a line of a mail's head, or refuse it: a break in it would let its writer add lines of their own.

    >>> head_line("Welcome, Harbour")
    'Welcome, Harbour'
    >>> head_line("Welcome\r\nBcc: all@example.com")
    Traceback (most recent call last):
    playbooks.rules.mails.MailRefused: line_break: Welcome
    """
    found = BREAKS.search(text)
    if found:
        raise MailRefused("line_break", text[: found.start()][:60])
    return text.strip()


def step_outcome(states: Mapping[str, int]) -> str:
    """Say what became of a step's mails, counted by state: waiting, sent, or none of them sent.

    >>> step_outcome({"sent": 2, "failed": 1}), step_outcome({"failed": 1}), step_outcome({"sent": 1, "queued": 1})
    ('sent', 'none', 'waiting')
    """
    if states.get("queued") or states.get("sending"):
        return "waiting"
    return "sent" if states.get("sent") else "none"
