"""What do the API's views of account records share?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organisation, User
from accounts.rules.roles import Capability


class RecordViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Rows that a person may see; writing needs a right besides, and goes through an action."""

    http_method_names = ["get", "head", "options", "post", "patch", "delete"]
    # Ids are ASCII digits that fit their column, so that a wild one is not found instead of an error.
    lookup_value_regex = "[0-9]{1,18}"
    write_capability: Capability | None = Capability.EDIT_ACCOUNTS

    @property
    def user(self) -> User:
        """Who asks; the permission classes have let only people in."""
        return self.request.user  # type: ignore[return-value]

    @property
    def at(self) -> dt.datetime:
        """The instant of this request."""
        if not hasattr(self, "_at"):
            self._at = timezone.now()
        return self._at

    def get_queryset(self) -> Any:
        """Restrict the rows to what the person may see."""
        person = getattr(self.request, "user", None) or AnonymousUser()
        rows: Any = super().get_queryset()
        return rows.visible_to(person)

    def get_serializer_context(self) -> dict[str, Any]:
        """Give the serializers the organisation and its day, read once for an answer."""
        organisation = Organisation.load()
        known = {"on": organisation.day_of(self.at), "organisation": organisation}
        return {**super().get_serializer_context(), **known}

    def validated(self, request: Request, instance: models.Model | None = None) -> dict[str, Any]:
        """Check what was sent; a partial one when there is a row already."""
        serializer = self.get_serializer(instance, data=request.data, partial=instance is not None)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def answer(self, row: models.Model, status: int = 200) -> Response:
        """Answer with a row as a fresh read would show it."""
        shown = self.get_queryset().filter(pk=row.pk).first() or row
        return Response(self.serializer_class(shown, context=self.get_serializer_context()).data, status=status)  # type: ignore[misc]

    def done(self, action: Callable[..., Any], status: int = 200, **kwargs: Any) -> Response:
        """Run an action as the person who asks, now, and answer with the row that it gives back."""
        return self.answer(action(**kwargs, by=self.user, at=self.at), status)
