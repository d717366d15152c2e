"""How does the page of any app offer to take back what was just done?"""

from __future__ import annotations

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


def offer_undo(request: HttpRequest, step: str, **was: Any) -> str:
    """Keep what is needed to take an act back; answers with the address that does it.

    What is kept, and how a step is taken back, is known to the app that joins the others: settings name its function.
    """
    keep_change = import_string(settings.MAINSTAY_KEEP_CHANGE)
    change = keep_change(step=step, was=was, by=request.user, at=timezone.now())  # noqa: TID251  asked by views alone
    return reverse("undo_change", args=[change.token])
    The app that joins the others keeps it, so that every app may offer this: the setting names its function.
    """
    at = timezone.now()  # noqa: TID251  views call this, and they are the edge
    kept = _keeper(settings.MAINSTAY_UNDO)(step=step, was=was, by=request.user, at=at)
    return reverse("undo_change", args=[kept.token])
