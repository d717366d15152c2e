"""How does a person begin, read and judge a plan to stabilize a customer?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires, sees_money
from accounts.forms.base import carried_out, status_of
from accounts.models import Account, Organisation, User
from accounts.queries.accounts import people_who_serve
from accounts.rules.roles import Capability
from common import keyset
from common.errors import Refused
from common.export import csv_response, xlsx_response
from common.filters import error_messages
from common.formats import number
from common.htmx import notify, render_page
from common.once import form_key, once
from common.tables import Column
from health.models import TONES
from playbooks.actions import stabilization as actions
from playbooks.filters.stabilization import PLAN_SORTS, StabilizationPlanFilter
from playbooks.forms.stabilization import PlanForm, Rows, VerdictForm, criterion_rows, driver_rows
from playbooks.models import Checkpoint, Run, StabilizationPlan
from playbooks.queries.stabilization import Record, draft_plan, plan_page, record_of

PAGE_SIZE = 50
EDIT, OVERRIDE = Capability.EDIT_ACCOUNTS, Capability.EDIT_PLAYBOOKS
COLUMNS = (
    Column("account", gettext_lazy("Account")),
    Column("state", gettext_lazy("State")),
    Column("started", gettext_lazy("Started"), sort="started", first="down"),
    Column("baseline", gettext_lazy("Health at the start")),
    Column("criteria", gettext_lazy("Criteria met"), align="end"),
    Column("due", gettext_lazy("Next verdict"), sort="due"),
    Column("arr", gettext_lazy("ARR at the start"), align="end"),
    Column("owner", gettext_lazy("Owner")),
    Column("renewal", gettext_lazy("Renewal afterwards")),
)
HEADER = (
    *("external_id", "account", "length", "state", "started_on", "baseline_score", "baseline_band", "criteria_met"),
    *("criteria", "due_on", "extended_on", "escalated_on", "ended_on", "override_reason", "renewal_result", "owner"),
)


@dataclass(frozen=True)
class Listing:
    """One page of the plans as its reader may see them."""

    filters: StabilizationPlanFilter
    page: keyset.Page[StabilizationPlan]
    columns: Sequence[Column]
    sort: str
    count: int
    due: int
    record: Record
    currency: str
    on: dt.date
    with_money: bool
    may_export: bool

    @property
    def count_text(self) -> str:
        """How many plans match, in words."""
        return ngettext("%(count)s plan", "%(count)s plans", self.count) % {"count": number(self.count)}

    @property
    def applied(self) -> int:
        """How many filters are set."""
        return sum(any(self.filters.data.getlist(name)) for name in self.filters.filters if name != "sort")

    @property
    def tones(self) -> dict[str, str]:
        """Colour and shape of bands."""
        return TONES


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)


def _today() -> dt.date:
    return Organisation.load().day_of(timezone.now())


@require_safe
def stabilization_plans(request: HttpRequest) -> HttpResponse:
    """List the plans, those first whose verdict is due first."""
    user, organisation = _person(request), Organisation.load()
    on = organisation.day_of(timezone.now())
    chosen, rows = _matching(request.GET, request)
    errors = error_messages(chosen)
    sort = request.GET.get("sort", "")
    sort = sort if sort in PLAN_SORTS else "due"
    with_money = sees_money(user)
    listing = Listing(
        filters=chosen,
        page=keyset.page(
            rows.select_related("account", "owner"),
            PLAN_SORTS[sort],
            cursor=request.GET.get("after", ""),
            size=PAGE_SIZE,
        ),
        columns=[column.in_words() for column in COLUMNS if with_money or column.name != "arr"],
        sort=sort,
        count=rows.count(),
        due=StabilizationPlan.objects.visible_to(user).open().filter(due_on__lte=on).count(),
        record=record_of(user),
        currency=organisation.reporting_currency,
        on=on,
        with_money=with_money,
        may_export=user.can(Capability.EXPORT),
    )
    people = people_who_serve().order_by("name", "pk").values_list("pk", "name")
    owners = [("", _("Anyone")), ("me", _("Me")), ("none", _("Nobody")), *((str(pk), name) for pk, name in people)]
    context = {"listing": listing, "errors": errors, "query": request.GET, "owners": owners}
    status = 400 if errors else 200
    return render_page(request, "playbooks/stabilization_plans.html", context, block="list", status=status)


def _matching(query: QueryDict, request: HttpRequest) -> tuple[StabilizationPlanFilter, QuerySet[StabilizationPlan]]:
    """The plans that match an address; without a state named, those that go on."""
    every = StabilizationPlan.objects.visible_to(request.user)
    chosen = StabilizationPlanFilter(query, queryset=every, request=request)
    if not chosen.is_valid():
        return chosen, every.none()
    rows: Any = chosen.qs
    wants_ended = any(query.get(name) for name in ("overridden",))
    return chosen, rows if query.getlist("state") or wants_ended else rows.open()


@requires(Capability.EXPORT)
@require_safe
def stabilization_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out what matches as a file."""
    answer = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if answer is None:
        raise Http404
    chosen, rows = _matching(request.GET, request)
    if not chosen.is_valid():
        return stabilization_plans(request)
    with_money = sees_money(request.user)
    header = [*HEADER, "baseline_arr"] if with_money else list(HEADER)
    found = rows.select_related("account", "owner").order_by("-started_on", "-pk").iterator(chunk_size=2000)
    return answer(_("stabilization plans"), header, _cells(found, with_money=with_money))


def _cells(rows: Iterator[StabilizationPlan], *, with_money: bool) -> Iterator[list[Any]]:
    for row in rows:
        cells: list[Any] = [
            *(row.account.external_id, row.account.name, row.length, row.get_state_display(), row.started_on),
            *(row.baseline_score, row.get_baseline_band_display(), row.criteria_met, row.criteria_count),
            *(row.due_on if row.is_open else None, row.extended_on, row.escalated_on, row.ended_on),
            *(row.override_reason, row.get_renewal_result_display(), row.owner.name if row.owner else ""),
        ]
        yield [*cells, row.baseline_arr] if with_money else cells


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def stabilization_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Begin a plan, filled in from the account's warnings and the drivers of its score."""
    account = get_visible_or_404(Account, request.user, pk=account_id)
    going_on = StabilizationPlan.objects.open().filter(account=account).first()
    if going_on is not None and request.method != "POST":
        return redirect("stabilization_plan", going_on.pk)
    user, on = _person(request), _today()
    draft = draft_plan(account, on, user)
    posted = request.POST or None
    runs = Run.objects.visible_to(user).unfinished().filter(account=account)
    initial = {
        "owner": draft.owner,
        "run": runs.filter(playbook__category="stabilization").first(),
        **{f"planned_{day}": words for day, words in draft.planned.items()},
    }
    form = PlanForm(posted, initial=initial, runs=runs)
    drivers, criteria = driver_rows(posted, draft.drivers), criterion_rows(posted, draft.criteria, on)
    if posted is not None and _all_valid(drivers, criteria):
        made = carried_out(
            form,
            lambda values: actions.start_plan(
                account=account, length=values["length"], owner=values["owner"], run=values.get("run"),
                planned=form.planned(), drivers=drivers.filled("text"), criteria=criteria.filled("measure"),
                by=user, at=timezone.now(),
            ),
        )  # fmt: skip
        if made is not None:
            notify(request, _("Plan started."), undo=reverse("stabilization_discard", args=[made.pk]))
            return redirect("stabilization_plan", made.pk)
    context = {
        "account": account, "form": form, "drivers": drivers, "criteria": criteria, "reasons": draft.reasons,
        "form_key": form_key(request),
    }  # fmt: skip
    return render_page(
        request, "playbooks/stabilization_add.html", context, status=_status(request, form, drivers, criteria)
    )


def _all_valid(*rows: Rows) -> bool:
    """Check all rows, so that every error shows at once."""
    found = [one.is_valid() for one in rows]
    return all(found)


def _status(request: HttpRequest, form: Any, *rows: Rows) -> int:
    """200 when asked for; 409 when stale; 422 when anything has to be mended."""
    if request.method != "POST":
        return 200
    return status_of(request, form) if form.errors or all(one.is_valid() for one in rows) else 422


def _seen(request: HttpRequest, plan_id: int) -> StabilizationPlan:
    rows = StabilizationPlan.objects.select_related("account", "owner", "started_by", "renewal", "run__playbook")
    return get_visible_or_404(rows, request.user, pk=plan_id)


@require_safe
def stabilization_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show a plan: from where, by whom, how far, and what is to be decided."""
    return _show(request, _seen(request, plan_id))


def _show(request: HttpRequest, plan: StabilizationPlan, form: VerdictForm | None = None) -> HttpResponse:
    user, on = _person(request), _today()
    page = plan_page(plan, on)
    may_edit = plan.is_open and user.can(EDIT)
    context = {
        "page": page,
        "form": form or (_verdict_form(plan, None, user) if may_edit else None),
        "may_edit": may_edit,
        "money": {"shown": sees_money(user), "currency": Organisation.load().reporting_currency},
    }
    status = 200 if form is None else status_of(request, form)
    return render_page(request, "playbooks/stabilization_plan.html", context, status=status)


def _verdict_form(plan: StabilizationPlan, data: Any, user: User) -> VerdictForm:
    """The verdicts that are possible now."""
    left_out = {Checkpoint.Verdict.EXTENDED} if plan.extended_on else set()
    if plan.state == StabilizationPlan.State.ESCALATED:
        left_out.add(Checkpoint.Verdict.ESCALATED)
    if plan.checkpoints.filter(verdict="").count() <= 1:
        left_out.add(Checkpoint.Verdict.CONTINUE)
    choices = [choice for choice in Checkpoint.Verdict.choices if choice[0] not in left_out]
    initial = {"version": plan.version}
    return VerdictForm(data, verdicts=choices, may_override=user.can(OVERRIDE), initial=initial)


@requires(EDIT)
@require_POST
def stabilization_verdict(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Say how a plan stands."""
    plan, user = _seen(request, plan_id), _person(request)
    form = _verdict_form(plan, request.POST, user)
    done = carried_out(form, lambda values: actions.give_verdict(plan=plan, by=user, at=timezone.now(), **values))
    if done is None:
        return _show(request, plan, form)
    notify(request, _("Verdict noted."), undo=reverse("stabilization_take_back", args=[plan_id]))
    return redirect("stabilization_plan", plan_id)


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def stabilization_edit(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Name other drivers or owners, or plan otherwise."""
    plan, user = _seen(request, plan_id), _person(request)
    if not plan.is_open:
        raise Http404
    posted = request.POST or None
    ahead = plan.checkpoints.filter(verdict="")
    initial = {"owner": plan.owner, **{f"planned_{one.day}": one.planned for one in ahead}}
    form = PlanForm(posted, initial=initial, plan=plan)
    rows = plan.drivers.select_related("owner")
    known = [{"text": one.text, "action": one.action, "owner": one.owner, "warning": one.warning_id} for one in rows]
    drivers = driver_rows(posted, known)
    if posted is not None and _all_valid(drivers):
        done = carried_out(
            form,
            lambda values: actions.change_plan(
                plan=plan, owner=values["owner"], planned=form.planned(), drivers=drivers.filled("text"),
                version=_version(request), by=user, at=timezone.now(),
            ),
        )  # fmt: skip
        if done is not None:
            notify(request, _("Saved."))
            return redirect("stabilization_plan", plan_id)
    context = {"plan": plan, "form": form, "drivers": drivers}
    return render_page(request, "playbooks/stabilization_edit.html", context, status=_status(request, form, drivers))


def _version(request: HttpRequest) -> int | None:
    """The version that the person has read."""
    sent = request.POST.get("version", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None


@requires(EDIT)
@require_POST
def stabilization_discard(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Throw away a plan that was begun by mistake."""
    plan = _seen(request, plan_id)
    account_id = plan.account_id
    if _tried(request, lambda: actions.discard_plan(plan=plan, by=_person(request), at=timezone.now())):
        return redirect("account_overview", account_id)
    return redirect("stabilization_plan", plan_id)


@requires(EDIT)
@require_POST
def stabilization_take_back(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Take the last verdict back."""
    plan = _seen(request, plan_id)
    _tried(request, lambda: actions.take_back_verdict(plan=plan, by=_person(request), at=timezone.now()))
    return redirect("stabilization_plan", plan_id)


def _tried(request: HttpRequest, act: Callable[[], Any]) -> bool:
    """Do it and say so, or say why not."""
    try:
        act()
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
        return False
    notify(request, _("Undone."))
    return True
