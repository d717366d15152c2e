"""How is an act kept so that the person who did it can take it back?"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string


@lru_cache(maxsize=4)
def _keeper(path: str) -> Any:
    return import_string(path)


def keep_undo(step: str, *, by: Any, at: dt.datetime, **was: Any) -> str:
    """Keep what is needed to take an act back; answers with the address that does it.

    The app that joins the others keeps it, so that every app may offer this: the setting names its function.
    """
    kept = _keeper(settings.MAINSTAY_UNDO)(step=step, was=was, by=by, at=at)
    return reverse("undo_change", args=[kept.token])


def offer_undo(request: HttpRequest, step: str, **was: Any) -> str:
    """Keep what a person did just now; answers with the address that takes it back."""
    at = timezone.now()  # noqa: TID251  views call this, and they are the edge
    return keep_undo(step, by=request.user, at=at, **was)
