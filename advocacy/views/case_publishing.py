"""How does a case study get the customer's word, a public page, and off it again; and what does the public read?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import requires
from accounts.forms.base import carried_out
from accounts.models import Organisation
from advocacy.actions import case_studies as actions
from advocacy.actions.case_studies import USUAL_DAYS
from advocacy.forms.case_studies import ApproveCaseForm, PublishCaseForm, WithdrawCaseForm
from advocacy.models import AskKind
from advocacy.queries.case_studies import proof_views, public_case
from advocacy.queries.consents import contacts_with_consent
from advocacy.views.asking import now, person, render_form, today
from advocacy.views.case_studies import EDIT, PUBLISH, seen_case
from common.htmx import notify, render_page


def _back(case: Any) -> str:
    return reverse("case_study", args=[case.pk])


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def case_study_approve(request: HttpRequest, case_id: int) -> HttpResponse:
    """Write down who at the customer approved it, and when."""
    case, user, on = seen_case(request, case_id), person(request), today()
    form = ApproveCaseForm(request.POST or None, case=case, on=on, initial={"approved_on": on})
    if (
        request.method == "POST"
        and carried_out(form, lambda values: actions.approve_case(case=case, by=user, at=now(), **values)) is not None
    ):
        notify(request, _("Approved: %(title)s.") % {"title": case.title})
        return redirect("case_study", case.pk)
    fields: Any = form.fields
    people = list(fields["approved_by"].queryset)
    agreed = contacts_with_consent([contact.pk for contact in people], AskKind.CASE_STUDY, on)
    names = ", ".join(contact.name for contact in people if contact.pk in agreed)
    notice = (
        _("A consent to case studies on our website is in force from: %(names)s.") % {"names": names}
        if names
        else _("Nobody there has a consent to case studies on our website yet. Without one it cannot be published.")
    )
    how: dict[str, Any] = {
        "title": _("Who approved it?"),
        "submit": _("Note the approval"),
        "notes": [notice] if notice else [],
    }
    return render_form(request, form, back=_back(case), meta=case.title, **how)


@requires(PUBLISH)
@require_http_methods(["GET", "HEAD", "POST"])
def case_study_publish(request: HttpRequest, case_id: int) -> HttpResponse:
    """Put an approved case study on its public page."""
    case, user = seen_case(request, case_id), person(request)
    form = PublishCaseForm(request.POST or None, initial={"expires_on": today() + dt.timedelta(days=USUAL_DAYS)})
    if (
        request.method == "POST"
        and carried_out(form, lambda values: actions.publish_case(case=case, by=user, at=now(), **values)) is not None
    ):
        notify(request, _("Published: %(title)s. The address stands below.") % {"title": case.title})
        return redirect("case_study", case.pk)
    notice = "" if case.has_consent else _("Who approved it has no consent in force to case studies on our website.")
    how: dict[str, Any] = {
        "title": _("Publish the case study"),
        "submit": _("Publish"),
        "notes": [notice] if notice else [],
    }
    return render_form(request, form, back=_back(case), meta=case.title, **how)


@requires(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def case_study_withdraw(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take a case study back, from its public page too."""
    case, user = seen_case(request, case_id), person(request)
    form = WithdrawCaseForm(request.POST or None)
    if (
        request.method == "POST"
        and carried_out(form, lambda values: actions.withdraw_case(case=case, by=user, at=now(), **values)) is not None
    ):
        notify(request, _("Withdrawn: %(title)s. Its address leads nowhere any more.") % {"title": case.title})
        return redirect("case_study", case.pk)
    how: dict[str, Any] = {"title": _("Withdraw the case study"), "submit": _("Withdraw")}
    return render_form(request, form, back=_back(case), meta=case.title, **how)


@login_not_required
@require_safe
def case_study_public(request: HttpRequest, token: str) -> HttpResponse:
    """Let anybody who knows the address read a published case study, and nothing else of the customer.

    What expired, was withdrawn or lost its consent is not there from that moment on.
    """
    on = today()
    case = public_case(token, on)
    if case is None:
        raise Http404
    context = {
        "case": case,
        "proofs": proof_views(case.proofs),
        "is_public": True,
        "publisher": Organisation.load().name,
    }
    answer = render_page(request, "advocacy/case_study_public.html", context)
    # Whoever got the address may read it; no search engine shall tell it to others, and no cache keep it.
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
