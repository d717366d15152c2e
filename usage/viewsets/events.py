"""How does the API take in product events and show the use that follows?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account, User
from accounts.viewsets.base import RecordViewSet
from common.api import flatten
from usage import filters, serializers
from usage.actions import record_events
from usage.models import FeatureUsageDay, UsageEvent
from usage.rules.events import Event

MOST = 1_000


class UsageEventViewSet(RecordViewSet):
    """Product events: stored once per source and message id, each told by itself what became of it."""

    queryset = UsageEvent.objects.order_by("-at", "-pk")
    serializer_class = serializers.UsageEventSerializer
    filterset_class = filters.UsageEventFilter
    http_method_names = ["get", "head", "options", "post"]

    @extend_schema(
        request=serializers.SentEventSerializer(many=True), responses={202: serializers.EventsTakenSerializer}
    )
    def create(self, request: Request) -> Response:
        """Take in one event or a list of up to 1,000; a wrong one does not harm the others."""
        sent = request.data if isinstance(request.data, list) else [request.data]
        if not 1 <= len(sent) <= MOST:
            message = _("Send 1 to 1,000 events (got %(count)s).") % {"count": f"{len(sent):,}"}
            raise ValidationError({"non_field_errors": [message]}, code="batch_size")
        results: list[dict[str, Any]] = [
            {"index": index, "message_id": _message_id(item), "outcome": ""} for index, item in enumerate(sent)
        ]
        by_source: dict[str, list[tuple[int, Event]]] = defaultdict(list)
        for index, item in enumerate(sent):
            self._read(index, item, results, by_source)
        self._refuse_unseen(by_source, results)
        for source, events in by_source.items():
            recorded = record_events([event for _, event in events], source=source, at=self.at)
            for (index, _event), outcome in zip(events, recorded.outcomes, strict=True):
                results[index]["outcome"] = str(outcome)
        counts = Counter(result["outcome"] for result in results)
        return Response({"counts": counts, "events": results}, status=202)

    def _read(
        self, index: int, item: Any, results: list[dict[str, Any]], by_source: dict[str, list[tuple[int, Event]]]
    ) -> None:
        """Read one event, or say what is wrong with its shape."""
        serializer = serializers.SentEventSerializer(data=item, context=self.get_serializer_context())
        if serializer.is_valid():
            values = dict(serializer.validated_data)
            by_source[values.pop("source", "api")].append((index, Event(**values)))
        else:
            results[index] |= {"outcome": "invalid", "errors": flatten(serializer.errors)}

    def _refuse_unseen(self, by_source: dict[str, list[tuple[int, Event]]], results: list[dict[str, Any]]) -> None:
        """Who does not see all accounts writes about those that they see; what may not be seen does not exist."""
        if self.user.visibility == User.Visibility.ALL:
            return
        named = {event.account for events in by_source.values() for _, event in events}
        seen = set(
            Account.objects.visible_to(self.user).filter(external_id__in=named).values_list("external_id", flat=True)
        )
        for source, events in by_source.items():
            by_source[source] = [pair for pair in events if pair[1].account in seen]
            for index, event in events:
                if event.account not in seen:
                    results[index]["outcome"] = "unknown_account"


def _message_id(item: Any) -> str:
    """The id under which an event was sent, as far as it has one."""
    found = item.get("message_id") if isinstance(item, Mapping) else None
    return found[:128] if isinstance(found, str) else ""


class UsageDayViewSet(RecordViewSet):
    """Daily use per account, feature and person: derived from the events, never written."""

    queryset = FeatureUsageDay.objects.order_by("-day", "account_id", "pk")
    serializer_class = serializers.UsageDaySerializer
    filterset_class = filters.UsageDayFilter
    http_method_names = ["get", "head", "options"]
