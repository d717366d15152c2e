"""How is an act kept so that the person who did it can take it back?"""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

KEPT = "undo"
MOST = 5


def offer_undo(request: HttpRequest, step: str, **was: Any) -> str:
    """Keep what is needed to take an act back in the person's session; answers with the address that does it."""
    token = str(uuid.uuid4())
    kept = dict(list(request.session.get(KEPT, {}).items())[-(MOST - 1) :])
    request.session[KEPT] = kept | {token: {"step": step, "was": was}}
    return reverse("undo_change", args=[token])
