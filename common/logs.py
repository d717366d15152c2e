"""How is a log line kept one line, whatever a stranger sent?"""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar
from typing import Any

# The request that this thread answers; the middleware sets it, so every line of a request can be found by its id.
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")

UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def escape(text: str) -> str:
    r"""Write control, line-breaking and direction characters as visible escapes.

    >>> print(escape("ok\r\n2026 INFO forged"))
    ok\r\n2026 INFO forged
    """
    return UNSAFE.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


class OneLine(logging.Formatter):
    """One record is one line; a traceback follows indented, so that no sent text can pass for a record."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the name is logging's
        """Escape what a stranger may have sent and add the id of the request."""
        line = escape(super().formatMessage(record))
        request_id = REQUEST_ID.get()
        return f"{line} request={request_id}" if request_id else line

    def formatException(self, ei: Any) -> str:  # noqa: N802  the name is logging's
        """Indent each line of a traceback behind a bar."""
        text = super().formatException(ei)
        return "\n".join(f"    | {escape(line)}" for line in text.split("\n"))
