"""How does a person change what the next version of a playbook says?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.forms.base import carried_out, status_of
from accounts.rules.roles import Capability
from common.errors import Refused
from common.htmx import notify, render_page
from health.forms.scorecards import ConditionForm
from health.forms.warnings import rule_tests
from health.queries.cards import conditions_in_words
from health.rules.parsing import ScorecardError
from playbooks import actions
from playbooks.actions.files import in_words
from playbooks.forms.steps import StepForm
from playbooks.forms.templates import KIND_CHOICES, AboutForm, TriggerForm
from playbooks.models import Playbook
from playbooks.queries.drafting import Standing, standing_of
from playbooks.rules import drafts
from playbooks.rules.definition import TriggerKind
from playbooks.rules.mails import PLACEHOLDERS
from playbooks.views.asking import now, number_of, person

SET = Capability.EDIT_PLAYBOOKS
TRIGGER_KINDS = frozenset(TriggerKind)
CLAIMS = {
    "entry": (gettext_lazy("For whom it starts"), gettext_lazy("Only accounts for which all of this holds enter.")),
    "exit": (gettext_lazy("When it no longer applies"), gettext_lazy("A run ends as soon as all of this holds.")),
    "goal": (gettext_lazy("Its goal"), gettext_lazy("A run ends as a success as soon as all of this holds.")),
}


def seen(request: HttpRequest, playbook_id: int) -> Standing:
    """The playbook that the address names, with what it says."""
    return standing_of(get_visible_or_404(Playbook, request.user, pk=playbook_id))


def save(request: HttpRequest, standing: Standing, form: forms.Form, body: Mapping[str, Any]) -> Any:
    """Write the draft; a refusal stands at the form."""
    asked = form.cleaned_data.get("version")
    version = standing.version if asked is None else asked
    return carried_out(
        form,
        lambda _said: actions.save_draft(
            playbook=standing.playbook, definition=body, by=person(request), at=now(), version=version
        ),
    )


@requires(SET)
@require_safe
def playbook_edit(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Show the draft: its steps in their order, what starts it, for whom, and its limits."""
    context = {"standing": seen(request, playbook_id), "kinds": KIND_CHOICES}
    return render_page(request, "playbooks/playbook_edit.html", context)


@requires(SET)
@require_POST
def playbook_steps(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Move a step up or down, or take it away, as a button says."""
    standing = seen(request, playbook_id)
    verb, _space, key = request.POST.get("do", "").partition(" ")
    if drafts.step_place(standing.body, key) is None:
        raise Http404
    changes: dict[str, Callable[[], drafts.Body]] = {
        "up": lambda: drafts.moved_step(standing.body, key, -1),
        "down": lambda: drafts.moved_step(standing.body, key, 1),
        "remove": lambda: drafts.without_step(standing.body, key),
    }
    if verb not in changes:
        raise Http404
    try:
        body = changes[verb]()
        actions.save_draft(
            playbook=standing.playbook, definition=body, by=person(request), at=now(),
            version=number_of(request.POST.get("version")),
        )  # fmt: skip
    except ScorecardError as error:
        notify(request, in_words(error), level=messages.ERROR)
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("Removed from the draft.") if verb == "remove" else _("The draft was saved."))
    return redirect("playbook_edit", playbook_id)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def playbook_step_add(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Add a step to the draft."""
    return _step_page(request, seen(request, playbook_id), "")


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def playbook_step(request: HttpRequest, playbook_id: int, key: str) -> HttpResponse:
    """Change a step of the draft."""
    standing = seen(request, playbook_id)
    if drafts.step_place(standing.body, key) is None:
        raise Http404
    return _step_page(request, standing, key)


def _step_page(request: HttpRequest, standing: Standing, key: str) -> HttpResponse:
    initial = {"version": standing.version}
    form = StepForm(request.POST or None, body=standing.body, key=key, initial=initial)
    if request.method == "POST" and form.is_valid():
        body = drafts.with_step(standing.body, form.step, after=request.GET.get("after", ""))
        if save(request, standing, form, body) is not None:
            notify(request, _("The draft was saved."))
            return redirect("playbook_edit", standing.playbook.pk)
    template = "playbooks/playbook_step.html" if key else "playbooks/playbook_step_add.html"
    blanks = ", ".join("{{" + name + "}}" for name in PLACEHOLDERS)
    context = {"standing": standing, "form": form, "mail_blanks": blanks}
    return render_page(request, template, context, status=status_of(request, form))


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def playbook_about(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Set what a playbook is called and how often it may start."""
    standing = seen(request, playbook_id)
    initial = {**AboutForm.initial_of(standing.body), "version": standing.version}
    form = AboutForm(request.POST or None, initial=initial)
    if (
        request.method == "POST"
        and form.is_valid()
        and save(request, standing, form, form.applied_to(standing.body)) is not None
    ):
        notify(request, _("The draft was saved."))
        return redirect("playbook_edit", playbook_id)
    context = {"standing": standing, "form": form}
    return render_page(request, "playbooks/playbook_about.html", context, status=status_of(request, form))


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def playbook_triggers(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Say what starts a playbook: remove a trigger, or add one of the kind that the address names."""
    standing = seen(request, playbook_id)
    kind = request.GET.get("kind", "")
    if kind and kind not in TRIGGER_KINDS:
        raise Http404
    rows = list(standing.body.get("triggers", []))
    form: forms.Form = forms.Form(request.POST or None)
    if kind:
        form = TriggerForm(request.POST or None, kind=TriggerKind(kind), person=person(request))
    if request.method == "POST" and form.is_valid():
        new = form.trigger if isinstance(form, TriggerForm) else None
        rows = drafts.with_row(rows, new) if new else drafts.without_row(rows, request.POST.get("remove", ""))
        if save(request, standing, form, {**standing.body, "triggers": rows}) is not None:
            notify(request, _("The draft was saved."))
            return redirect("playbook_triggers", playbook_id)
    context = {
        "standing": standing, "form": form if kind else None, "kinds": KIND_CHOICES,
        "kind_label": dict(KIND_CHOICES).get(TriggerKind(kind)) if kind else "",
    }  # fmt: skip
    status = status_of(request, form)
    return render_page(request, "playbooks/playbook_triggers.html", context, status=status)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def playbook_claim(request: HttpRequest, playbook_id: int, which: str) -> HttpResponse:
    """Say for whom a playbook starts, when it no longer applies, or what its goal is."""
    if which not in CLAIMS:
        raise Http404
    standing = seen(request, playbook_id)
    claim = dict(standing.body.get(which, {}))
    posted = request.POST or None
    tests = rule_tests(posted if posted and "tests" in posted else None, {"tests": claim.get("tests", [])})
    form = ConditionForm(posted if posted and "add" in posted else None)
    plain = forms.Form(posted)
    if posted is not None:
        changed = _claimed(request, claim, form, tests)
        body = {**standing.body, which: changed}
        if changed is not None and plain.is_valid() and save(request, standing, plain, body) is not None:
            notify(request, _("The draft was saved."))
            return redirect("playbook_claim", playbook_id, which)
    title, meta = CLAIMS[which]
    problem = " ".join(map(str, plain.non_field_errors())) if posted else ""
    context = {
        "standing": standing, "which": which, "title": title, "meta": meta, "tests": tests, "form": form,
        "rows": conditions_in_words(claim.get("conditions", [])),
        "claim": {"match": claim.get("match", "all"), "problem": problem},
    }  # fmt: skip
    status = 200 if posted is None else 422
    return render_page(request, "playbooks/playbook_claim.html", context, status=status)


def _claimed(request: HttpRequest, claim: dict[str, Any], form: ConditionForm, tests: Any) -> dict[str, Any] | None:
    """The claim after what was sent: other tests, a condition more or less; nothing where it is not filled in right."""
    rows = list(claim.get("conditions", []))
    if "add" in request.POST:
        return {**claim, "conditions": drafts.with_row(rows, form.condition)} if form.is_valid() else None
    if "remove" in request.POST:
        return {**claim, "conditions": drafts.without_row(rows, request.POST["remove"])}
    if not tests.is_valid():
        return None
    match = "any" if request.POST.get("match") == "any" else "all"
    return {**claim, "tests": tests.tests(), "match": match}


@requires(SET)
@require_POST
def playbook_discard(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Throw the draft away."""
    standing = seen(request, playbook_id)
    actions.discard_draft(playbook=standing.playbook, by=person(request), at=now())
    notify(request, _("The draft of “%(name)s” was thrown away.") % {"name": standing.playbook.shown_name})
    return redirect("playbooks") if standing.newest is None else redirect("playbook", playbook_id)
