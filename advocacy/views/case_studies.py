"""How does a person bring a customer's story from a goal that is reached to a page that can be sent?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.forms.base import carried_out, status_of, values_of
from accounts.models import Account, BusinessGoal
from accounts.rules.roles import Capability
from advocacy.actions import case_studies as actions
from advocacy.filters.case_studies import CASE_SORTS, CaseStudyFilter
from advocacy.forms.case_studies import CaseStudyForm
from advocacy.models import CaseStudy
from advocacy.queries.case_studies import EXPORTED, attained_goals, exported_cases, proof_views, proofs_of, with_consent
from advocacy.rules.case_studies import Hindrance
from advocacy.views.asking import account_step, done_or_refused, file_response, now, person, today
from common import keyset
from common.filters import error_messages
from common.formats import number
from common.htmx import notify, render_page
from common.once import form_key, once
from common.tables import Column

EDIT, PUBLISH = Capability.EDIT_ACCOUNTS, Capability.EDIT_ADVOCACY
PAGE_SIZE = 50
COLUMNS = (
    Column("title", gettext_lazy("Case study"), sort="title"),
    Column("account", gettext_lazy("Customer")),
    Column("state", gettext_lazy("State")),
    Column("approved", gettext_lazy("Approved")),
    Column("expires", gettext_lazy("Public until")),
    Column("changed", gettext_lazy("Changed"), sort="changed", first="down"),
)


def rights_of(request: HttpRequest) -> dict[str, bool]:
    """What the reader of the pages may do."""
    user = person(request)
    return {"edit": user.can(EDIT), "publish": user.can(PUBLISH), "export": user.can(Capability.EXPORT)}


def _matching(request: HttpRequest) -> tuple[CaseStudyFilter, QuerySet[CaseStudy]]:
    shown = CaseStudy.objects.visible_to(request.user)
    chosen = CaseStudyFilter(request.GET, queryset=shown, request=request)
    return chosen, chosen.qs if chosen.is_valid() else shown.none()


@require_safe
def case_studies(request: HttpRequest) -> HttpResponse:
    """List the case studies, and which of them the public can read."""
    on = today()
    chosen, rows = _matching(request)
    errors = error_messages(chosen)
    sort = request.GET.get("sort", "")
    sort = sort if sort in CASE_SORTS else "-changed"
    shown = with_consent(rows, on).select_related("account", "approved_by")
    found = keyset.page(shown, CASE_SORTS[sort], cursor=request.GET.get("after", ""), size=PAGE_SIZE)
    count = rows.count()
    listing = {
        "form": chosen.form,
        "applied": sum(any(request.GET.getlist(name)) for name in chosen.filters if name != "sort"),
        "rows": [(one, one.hindrance(on, has_consent=one.has_consent)) for one in found.rows],
        "columns": [column.in_words() for column in COLUMNS],
        "sort": sort,
        "page": found,
        "count": ngettext("%(count)s case study", "%(count)s case studies", count) % {"count": number(count)},
        "on": on,
    }
    context = {"listing": listing, "rights": rights_of(request), "errors": errors, "query": request.GET}
    return render_page(request, "advocacy/case_studies.html", context, block="list", status=400 if errors else 200)


@requires(Capability.EXPORT)
@require_safe
def case_study_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand out what matches as a file."""
    chosen, rows = _matching(request)
    if not chosen.is_valid():
        return case_studies(request)
    return file_response(kind, _("case studies"), EXPORTED, exported_cases(rows.order_by("-pk"), today()))


def seen_case(request: HttpRequest, case_id: int) -> Any:
    """Find a case study that the person may see, with whether its consent holds today."""
    rows = CaseStudy.objects.select_related("account", "approved_by", "published_by", "created_by")
    return get_visible_or_404(with_consent(rows, today()), request.user, pk=case_id)


def case_proofs(case: CaseStudy) -> list[Any]:
    """The proof: as it was frozen, or of a draft as its goals stand today."""
    proofs = proofs_of(list(case.goals.all()), case.account, today()) if case.is_draft else case.proofs
    return proof_views(proofs)


def public_url(case: CaseStudy) -> str:
    """The address to send; it never comes from the request."""
    return settings.SITE_URL.rstrip("/") + reverse("case_study_public", args=[case.token]) if case.token else ""


@require_safe
def case_study(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show one case study: how far it is, what it says, what proves it, and where it can be read."""
    case = seen_case(request, case_id)
    hindrance = case.hindrance(today(), has_consent=case.has_consent)
    context = {
        "case": case,
        "proofs": case_proofs(case),
        "is_public": hindrance is None,
        "has_lost_consent": hindrance == Hindrance.NO_CONSENT,
        "public_url": public_url(case) if hindrance is None else "",
        "rights": rights_of(request),
        "on": today(),
    }
    return render_page(request, "advocacy/case_study.html", context)


@require_safe
def case_study_sheet(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show the page as the public would read it, to look at and to print, with its state above it."""
    case = seen_case(request, case_id)
    context = {"case": case, "proofs": case_proofs(case), "is_public": False}
    return render_page(request, "advocacy/case_study_sheet.html", context)


@requires(EDIT)
@require_safe
def case_study_new(request: HttpRequest) -> HttpResponse:
    """Ask first whose story it is."""
    return account_step(
        request, title=_("New case study"), back=reverse("case_studies"),
        leads_to=lambda account: reverse("case_study_add", args=[account.pk]),
    )  # fmt: skip


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def case_study_add(request: HttpRequest, account_id: int) -> HttpResponse:
    """Write a case study; a goal named in the address, or those that are reached, are its proof."""
    account, user, on = get_visible_or_404(Account, request.user, pk=account_id), person(request), today()
    goals = _goals_asked_for(request, account) or attained_goals(account, on)
    initial = {"shown_as": account.name, "goals": [goal.pk for goal in goals], "title": goals[0].name if goals else ""}
    form = CaseStudyForm(request.POST or None, person=user, account=account, on=on, initial=initial)
    if request.method == "POST":
        made = carried_out(form, lambda values: actions.write_case(account=account, by=user, at=now(), **values))
        if made is not None:
            notify(request, _("Draft saved: %(title)s.") % {"title": made.title})
            return redirect("case_study", made.pk)
    how = {"title": _("New case study"), "back": reverse("case_studies")}
    return _form(request, form, account, **how)


def _goals_asked_for(request: HttpRequest, account: Account) -> list[BusinessGoal]:
    asked = request.GET.get("goal", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 18):
        return []
    return list(BusinessGoal.objects.visible_to(request.user).filter(account=account, pk=asked))


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def case_study_edit(request: HttpRequest, case_id: int) -> HttpResponse:
    """Change a draft."""
    case, user = seen_case(request, case_id), person(request)
    form = CaseStudyForm(request.POST or None, instance=case, person=user, account=case.account, on=today())
    if request.method == "POST" and form.is_valid():
        values = values_of(form)
        if carried_out(form, lambda _all: actions.change_case(case=case, by=user, at=now(), **values)):
            notify(request, _("Draft saved: %(title)s.") % {"title": values["title"]})
            return redirect("case_study", case.pk)
    return _form(request, form, case.account, title=_("Edit case study"), back=reverse("case_study", args=[case.pk]))


def _form(request: HttpRequest, form: CaseStudyForm, account: Account, *, title: str, back: str) -> HttpResponse:
    context = {"form": form, "account": account, "title": title, "back": back, "form_key": form_key(request)}
    return render_page(request, "advocacy/case_study_form.html", context, status=status_of(request, form))


@requires(EDIT)
@require_POST
def case_study_send(request: HttpRequest, case_id: int) -> HttpResponse:
    """Send a draft to the customer for approval."""
    case = seen_case(request, case_id)
    undo = reverse("case_study_redraft", args=[case.pk])
    done_or_refused(
        request, lambda: actions.send_case(case=case, by=person(request), at=now()),
        lambda _case: (_("It waits for the customer’s approval; text and figures stand as they are."), undo),
    )  # fmt: skip
    return redirect("case_study", case.pk)


@requires(EDIT)
@require_POST
def case_study_redraft(request: HttpRequest, case_id: int) -> HttpResponse:
    """Make a case study a draft again."""
    case = seen_case(request, case_id)
    done_or_refused(
        request, lambda: actions.redraft_case(case=case, by=person(request), at=now()),
        lambda _case: (_("It is a draft again. The customer approves anew before it is published."), ""),
    )  # fmt: skip
    return redirect("case_study", case.pk)


@requires(EDIT)
@require_POST
def case_study_delete(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take away a draft."""
    case = seen_case(request, case_id)
    title = case.title
    done_or_refused(
        request, lambda: actions.delete_case(case=case, by=person(request), at=now()),
        lambda _none: (_("Case study deleted: %(title)s.") % {"title": title}, ""),
    )  # fmt: skip
    still = CaseStudy.objects.visible_to(request.user).filter(pk=case_id).exists()
    return redirect("case_study", case_id) if still else redirect("case_studies")
