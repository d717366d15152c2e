"""How does the API write playbooks, try them, switch them on, and show what their triggers did?"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django.db.models import Max
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import may
from accounts.models import Account, Organisation
from accounts.rules.roles import Capability
from accounts.viewsets.base import RecordViewSet
from common.api import StrictJSONParser
from playbooks import actions
from playbooks.filters.templates import PlaybookFilter, PlaybookVersionFilter, TriggerFiringFilter
from playbooks.models import Playbook, PlaybookDraft, PlaybookVersion, TriggerFiring
from playbooks.queries.judging import dry_run
from playbooks.queries.reasons import reason_of
from playbooks.queries.simulation import simulate
from playbooks.rules.files import dump_file
from playbooks.serializers import templates as serializers


class PlaybookParser(StrictJSONParser):
    """A test stands in a goal, in a definition; a text in a mail, in a step: deeper than other bodies."""

    max_levels = 9


class PlaybookViewSet(RecordViewSet):
    """Playbooks in their order; written as drafts, published as versions, and started by `playbook-runs`."""

    http_method_names = ["get", "head", "options", "post", "put", "delete"]
    write_capability = Capability.EDIT_PLAYBOOKS
    queryset = Playbook.objects.annotate(version=Max("versions__number")).order_by("position", "pk")
    serializer_class = serializers.PlaybookSerializer
    filterset_class = PlaybookFilter
    parser_classes = [PlaybookParser]

    def create(self, request: Request) -> Response:
        """Make a playbook with a draft; nothing starts by it until the draft is published."""
        return self.done(actions.create_playbook, 201, **self.validated(request))

    @extend_schema(responses=serializers.PlaybookDraftSerializer)
    @action(detail=True, methods=["get"])
    def draft(self, request: Request, pk: str = "") -> Response:
        """Read the draft, or what a draft would begin with (version 0)."""
        return self._draft(self.get_object())

    @extend_schema(request=serializers.PlaybookDraftSerializer, responses=serializers.PlaybookDraftSerializer)
    @draft.mapping.put
    def save_draft(self, request: Request, pk: str = "") -> Response:
        """Say what the next version says."""
        playbook, sent = self.get_object(), self._sent(serializers.PlaybookDraftSerializer)
        actions.save_draft(
            playbook=playbook, definition=sent["definition"], version=sent["draft_version"], by=self.user, at=self.at
        )
        return self._draft(playbook)

    @extend_schema(request=None, responses={204: None})
    @draft.mapping.delete
    def discard_draft(self, request: Request, pk: str = "") -> Response:
        """Throw the draft away; a playbook of which nothing was ever published goes with it."""
        actions.discard_draft(playbook=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)

    @extend_schema(request=serializers.PublishPlaybookSerializer, responses=serializers.PlaybookSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str = "") -> Response:
        """Make the draft the version that new runs follow; runs that go on stay with theirs."""
        playbook, sent = self.get_object(), self._sent(serializers.PublishPlaybookSerializer)
        actions.publish_draft(
            playbook=playbook, version=sent["draft_version"], note=sent.get("note", ""), by=self.user, at=self.at
        )
        return self.answer(playbook)

    @extend_schema(request=None, responses=serializers.PlaybookSerializer)
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, pk: str = "") -> Response:
        """Let it start by itself from now on."""
        return self.done(actions.enable_playbook, playbook=self.get_object())

    @extend_schema(request=None, responses=serializers.PlaybookSerializer)
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, pk: str = "") -> Response:
        """Let it start by hand only; runs go on."""
        return self.done(actions.disable_playbook, playbook=self.get_object())

    @extend_schema(request=None, responses=serializers.PlaybookSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str = "") -> Response:
        """Put it away; runs go on, and its record stays."""
        return self.done(actions.archive_playbook, playbook=self.get_object())

    @extend_schema(request=None, responses=serializers.PlaybookSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str = "") -> Response:
        """Take it out of the archive."""
        return self.done(actions.restore_playbook, playbook=self.get_object())

    @extend_schema(request=None, responses={201: serializers.PlaybookSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, pk: str = "") -> Response:
        """Make a playbook that says the same, as a draft."""
        return self.done(actions.copy_playbook, 201, playbook=self.get_object())

    @extend_schema(request=None, responses={202: serializers.PlaybookSerializer})
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str = "") -> Response:
        """Let all start that it holds back, in the background."""
        playbook = self.get_object()
        actions.release_held(playbook=playbook, by=self.user, at=self.at)
        return self.answer(playbook, 202)

    @extend_schema(responses={200: {"type": "object"}})
    @action(detail=True, methods=["get"])
    def export(self, request: Request, pk: str = "") -> Response:
        """Read the newest version as the file that an import takes."""
        playbook = self.get_object()
        return Response(json.loads(dump_file(playbook.key, self._version(playbook).parsed)))

    @extend_schema(responses=serializers.DryRunSerializer)
    @action(detail=True, methods=["get"])
    def dry_run(self, request: Request, pk: str = "") -> Response:
        """See who would enter today, who would not, and why, of the accounts that you see. Nothing is changed."""
        run = dry_run(self._tried(), self._today())
        seen = self._seen({one.cause.account_id for one in run.judged})
        judged = [one for one in run.judged if one.cause.account_id in seen]
        told = {
            "on": run.on,
            "counts": Counter(str(one.verdict) for one in judged),
            "judged": [{"cause": one.cause, "verdict": one.verdict, "reason": reason_of(one)} for one in judged],
        }
        return Response(serializers.DryRunSerializer(told).data)

    @extend_schema(
        parameters=[OpenApiParameter("first", str, required=True), OpenApiParameter("last", str, required=True)],
        responses=serializers.SimulationSerializer,
    )
    @action(detail=True, methods=["get"])
    def simulation(self, request: Request, pk: str = "") -> Response:
        """See for which accounts that you see it would have started in a past period. Nothing is changed."""
        asked = serializers.PeriodSerializer(data=dict(request.GET.items()), context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        found = simulate(self._tried(), **asked.checked(self._today()))
        seen = self._seen(found.accounts)
        told = {**vars(found), "starts": [start for start in found.starts if start.account_id in seen]}
        return Response(serializers.SimulationSerializer(told).data)

    def _tried(self) -> PlaybookVersion:
        """The version to try: of those who may write playbooks, for it judges the whole book."""
        if not may(self.user, Capability.EDIT_PLAYBOOKS):
            raise PermissionDenied
        return self._version(self.get_object())

    def _version(self, playbook: Playbook) -> PlaybookVersion:
        return actions.newest_version(playbook)

    def _today(self) -> Any:
        return Organisation.load().day_of(self.at)

    def _seen(self, ids: set[int]) -> set[int]:
        return set(Account.objects.visible_to(self.user).filter(pk__in=ids).values_list("pk", flat=True))

    def _sent(self, shape: Any) -> dict[str, Any]:
        sent = shape(data=self.request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)

    def _draft(self, playbook: Playbook) -> Response:
        draft = PlaybookDraft.objects.filter(playbook=playbook).first()
        told = {
            "definition": actions.standing_definition(playbook),
            "draft_version": draft.version if draft else 0,
        }
        return Response(serializers.PlaybookDraftSerializer(told).data)


class PlaybookVersionViewSet(RecordViewSet):
    """What playbooks said, newest first; never changed, so a run shows what it was started from."""

    http_method_names = ["get", "head", "options"]
    queryset = PlaybookVersion.objects.order_by("-published_at", "-pk")
    serializer_class = serializers.PlaybookVersionSerializer
    filterset_class = PlaybookVersionFilter


class TriggerFiringViewSet(RecordViewSet):
    """What triggers did, newest first: what started, what was a repeat, what waits, and why nothing started."""

    http_method_names = ["get", "head", "options", "post"]
    queryset = TriggerFiring.objects.order_by("-at", "-pk")
    serializer_class = serializers.TriggerFiringSerializer
    filterset_class = TriggerFiringFilter

    @extend_schema(request=serializers.PutOffSerializer, responses=serializers.TriggerFiringSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str = "") -> Response:
        """Hold back a cause that waits, and its like, until the end of a day."""
        firing = self.get_object()
        sent = serializers.PutOffSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        return self.done(actions.snooze_firing, firing=firing, **sent.validated_data)

    @extend_schema(request=None, responses=serializers.TriggerFiringSerializer)
    @action(detail=True, methods=["post"])
    def wake(self, request: Request, pk: str = "") -> Response:
        """Take back that a cause was put off: it is judged anew."""
        return self.done(actions.wake_firing, firing=self.get_object())
