"""How does the API start, pause and stop runs, and do what people do with tasks?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.viewsets.base import RecordViewSet
from playbooks import actions
from playbooks.filters.work import RunFilter, TaskFilter
from playbooks.models import Run, Task, TaskNote
from playbooks.queries.run_page import with_progress
from playbooks.serializers import work as serializers


class WorkViewSet(RecordViewSet):
    """Rows that are changed by verbs alone."""

    http_method_names = ["get", "head", "options", "post"]
    # How an action calls the row.
    noun = ""

    def act(self, do: Callable[..., Any], shape: Any = None) -> Response:
        """Do something with the row, with what was sent."""
        row, sent = self.get_object(), self.sent(shape)
        do(**{self.noun: row}, by=self.user, at=self.at, **sent)
        return self.answer(row)

    def sent(self, shape: Any) -> dict[str, Any]:
        """Check what was sent."""
        if shape is None:
            return {}
        serializer = shape(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


class RunViewSet(WorkViewSet):
    """Where playbooks run or ran, newest first."""

    noun = "run"
    queryset = with_progress(Run.objects.select_related("version")).order_by("-started_on", "-pk")
    serializer_class = serializers.RunSerializer
    filterset_class = RunFilter

    def create(self, request: Request) -> Response:
        """Start a playbook for an account by hand, whatever its entry rule says."""
        return self.done(actions.start_run, 201, **self.validated(request))

    @extend_schema(request=serializers.ReasonGivenSerializer, responses=serializers.RunSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str = "") -> Response:
        """Let it rest: its tasks ask for nobody until it goes on."""
        return self.act(actions.pause_run, serializers.ReasonGivenSerializer)

    @extend_schema(request=serializers.VersionedSerializer, responses=serializers.RunSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str = "") -> Response:
        """Let it go on; what is counted from its start moves by the days of the pause."""
        return self.act(actions.resume_run, serializers.VersionedSerializer)

    @extend_schema(request=serializers.StopSerializer, responses=serializers.RunSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str = "") -> Response:
        """End it by hand; what was still to be done is cancelled."""
        return self.act(actions.stop_run, serializers.StopSerializer)

    @extend_schema(request=serializers.HandOverSerializer, responses=serializers.RunSerializer)
    @action(detail=True, methods=["post"])
    def hand_over(self, request: Request, pk: str = "") -> Response:
        """Give it to a colleague, with what its owner had still to do."""
        return self.act(actions.hand_over_run, serializers.HandOverSerializer)


class TaskViewSet(WorkViewSet):
    """What is to be done, by day."""

    noun = "task"
    queryset = Task.objects.select_related("run").order_by("due_on", "pk")
    serializer_class = serializers.TaskSerializer
    filterset_class = TaskFilter

    @extend_schema(request=serializers.NewTaskSerializer, responses={201: serializers.TaskSerializer})
    def create(self, request: Request) -> Response:
        """Give somebody something to do for an account, by itself or beside the steps of a run."""
        return self.done(actions.add_task, 201, **self.sent(serializers.NewTaskSerializer))

    @extend_schema(request=serializers.CompleteSerializer, responses=serializers.TaskSerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: str = "") -> Response:
        """Finish it; what waited for it can begin."""
        return self.act(actions.complete_task, serializers.CompleteSerializer)

    @extend_schema(request=serializers.ReasonGivenSerializer, responses=serializers.TaskSerializer)
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, pk: str = "") -> Response:
        """Leave it out, with the reason."""
        return self.act(actions.skip_task, serializers.ReasonGivenSerializer)

    @extend_schema(request=serializers.VersionedSerializer, responses=serializers.TaskSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str = "") -> Response:
        """Take back that it was finished or skipped."""
        return self.act(actions.reopen_task, serializers.VersionedSerializer)

    @extend_schema(request=serializers.GiveSerializer, responses=serializers.TaskSerializer)
    @action(detail=True, methods=["post"])
    def reassign(self, request: Request, pk: str = "") -> Response:
        """Give it to somebody else, or to nobody."""
        return self.act(actions.reassign_task, serializers.GiveSerializer)

    @extend_schema(request=serializers.RescheduleSerializer, responses=serializers.MovesSerializer)
    @action(detail=True, methods=["post"])
    def reschedule(self, request: Request, pk: str = "") -> Response:
        """Give it another day, and the later open tasks of its run with it if you say so; answers with what moved."""
        task, sent = self.get_object(), self.sent(serializers.RescheduleSerializer)
        moves = actions.reschedule_task(task=task, by=self.user, at=self.at, **sent)
        return Response(serializers.MovesSerializer(serializers.moves_told(moves)).data)

    @extend_schema(request=serializers.MovesSerializer, responses=serializers.TaskSerializer)
    @action(detail=True, methods=["post"])
    def undo_moves(self, request: Request, pk: str = "") -> Response:
        """Take back what a reschedule of this task moved, where nobody has moved it since."""
        task, sent = self.get_object(), self.sent(serializers.MovesSerializer)
        theirs = {task.pk} | set(Task.objects.filter(run=task.run_id, run__isnull=False).values_list("pk", flat=True))
        moves = [
            (move["task"], _day(move["before"]), _day(move["after"]))
            for move in sent["moves"]
            if move["task"] in theirs
        ]
        actions.undo_moves(moves=moves, by=self.user, at=self.at)
        return self.answer(task)

    @extend_schema(request=serializers.PutOffTaskSerializer, responses=serializers.TaskSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str = "") -> Response:
        """Put it off until the end of a day."""
        return self.act(actions.snooze_task, serializers.PutOffTaskSerializer)

    @extend_schema(request=None, responses=serializers.TaskSerializer)
    @action(detail=True, methods=["post"])
    def wake(self, request: Request, pk: str = "") -> Response:
        """Take back that it was put off."""
        return self.act(actions.wake_task)

    @extend_schema(responses=serializers.TaskNoteSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def notes(self, request: Request, pk: str = "") -> Response:
        """Read what was written about it, oldest first."""
        rows = TaskNote.objects.filter(task=self.get_object()).order_by("at", "pk")
        return Response(serializers.TaskNoteSerializer(rows, many=True).data)

    @extend_schema(request=serializers.TaskNoteSerializer, responses={201: serializers.TaskNoteSerializer})
    @notes.mapping.post
    def add_note(self, request: Request, pk: str = "") -> Response:
        """Comment on it."""
        task, sent = self.get_object(), self.sent(serializers.TaskNoteSerializer)
        note = actions.add_note(task=task, by=self.user, at=self.at, **sent)
        return Response(serializers.TaskNoteSerializer(note).data, status=201)

    @extend_schema(request=serializers.ManyTasksSerializer, responses=serializers.ManyDoneSerializer)
    @action(detail=False, methods=["post"])
    def complete_many(self, request: Request) -> Response:
        """Finish several; those that wait, are over or are not there are passed over."""
        sent = self.sent(serializers.ManyTasksSerializer)
        rows = Task.objects.visible_to(self.user).filter(pk__in=sent["tasks"]).order_by("position", "pk")
        done = actions.complete_tasks(tasks=list(rows), result=sent.get("result", ""), by=self.user, at=self.at)
        return Response(serializers.ManyDoneSerializer({"done": done}).data)


def _day(value: Any) -> str | None:
    return value.isoformat() if value is not None else None
