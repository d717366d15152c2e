"""How often may one program ask?"""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from integrations.models import ApiToken

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class PerToken(BaseThrottle):
    """So many requests in each minute for a token, or for a person without one, or for an address."""

    scope = "token"
    cache_name = "requests" if "requests" in settings.CACHES else "default"

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the request; one window, one number, so that counting costs the same at any rate."""
        limit, seconds = self.rate()
        now = self.now()
        window = int(now // seconds)
        self.left = (window + 1) * seconds - now
        cache = caches[self.cache_name]
        key = f"requests:{self.caller(request)}:{window}"
        cache.add(key, 0, timeout=seconds + 5)
        try:
            return cache.incr(key) <= limit
        except ValueError:  # evicted between the two calls
            return True

    def wait(self) -> float:
        """The seconds until the next window."""
        return max(1.0, self.left)

    def caller(self, request: Request) -> str:
        """Whom to count for."""
        if isinstance(request.auth, ApiToken):
            return f"token-{request.auth.pk}"
        if request.user and request.user.is_authenticated:
            return f"user-{request.user.pk}"
        return f"from-{self.get_ident(request)}"

    def rate(self) -> tuple[int, int]:
        """Read the setting, like 600/min."""
        count, period = str(api_settings.DEFAULT_THROTTLE_RATES[self.scope]).split("/")
        return int(count), SECONDS[period[0]]

    def now(self) -> float:
        """The seconds of the clock."""
        return time.time()  # noqa: TID251  this is the edge
