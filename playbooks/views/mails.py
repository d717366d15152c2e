"""How does a person look at the mails of a step before they go out, and a contact say that no more shall come?"""

from __future__ import annotations

import datetime as dt
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires, sees_contact_details
from accounts.forms.base import carried_out
from accounts.models import Organisation, User
from accounts.rules.roles import Capability
from common.errors import Refused
from common.formats import number
from common.htmx import notify, render_page
from playbooks.actions import mails as actions
from playbooks.forms.mails import MailForm
from playbooks.models import StepMail, Task
from playbooks.queries.mails import Post, contact_of, posts_of

SEND = Capability.EDIT_ACCOUNTS


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)


def _today() -> dt.date:
    return Organisation.load().day_of(timezone.now())


def _mail_task(request: HttpRequest, task_id: int) -> Task:
    rows = Task.objects.select_related("account", "run__playbook", "assignee")
    return get_visible_or_404(rows, request.user, pk=task_id)


@require_safe
def step_mail(request: HttpRequest, task_id: int) -> HttpResponse:
    """Show what a step would send to whom, and what it has sent."""
    task = _mail_task(request, task_id)
    asked = request.GET.get("language", "")
    language = asked if asked in dict(settings.LANGUAGES) else ""
    post = posts_of([task], _today(), language)[0]
    form = MailForm(post=post, languages=_languages(post), initial={"language": _language(post, language)})
    return _show(request, post, form, language)


def _languages(post: Post) -> list[tuple[str, str]]:
    """The languages in which the step was written."""
    return [(code, str(label)) for code, label in settings.LANGUAGES if code in post.languages]


def _language(post: Post, asked: str) -> str:
    return asked or (post.letters[0].language if post.letters else settings.LANGUAGE_CODE)


def _show(request: HttpRequest, post: Post, form: MailForm, language: str, status: int = 200) -> HttpResponse:
    user = _person(request)
    open_step = post.task.state == Task.State.OPEN and post.task.kind == Task.Kind.EMAIL
    context = {
        "post": post,
        "form": form,
        "language": _language(post, language),
        "may_send": user.can(SEND) and open_step and bool(post.writable) and not post.problems,
        "may_again": user.can(SEND),
        "sees_contacts": sees_contact_details(user),
    }
    return render_page(request, "playbooks/step_mail.html", context, status=status)


@requires(SEND)
@require_POST
def step_mail_send(request: HttpRequest, task_id: int) -> HttpResponse:
    """Send the mails of a step to the chosen contacts; the page asked before."""
    task, on = _mail_task(request, task_id), _today()
    language = request.POST.get("language", "")
    language = language if language in dict(settings.LANGUAGES) else ""
    post = posts_of([task], on, language)[0]
    form = MailForm(request.POST, post=post, languages=_languages(post))
    count = carried_out(
        form,
        lambda values: actions.send_step_mails(
            task=task, by=_person(request), at=timezone.now(), on=on, language=language, contacts=values["contacts"]
        ),
    )
    if count is None:
        return _show(request, post, form, language, status=422)
    words = ngettext("%(count)s mail is on its way.", "%(count)s mails are on their way.", count)
    notify(request, words % {"count": number(count)})
    return redirect("step_mail", task_id)


@requires(SEND)
@require_POST
def step_mail_again(request: HttpRequest, mail_id: int) -> HttpResponse:
    """Send a mail again of which nobody knows whether it went out."""
    mail = get_visible_or_404(StepMail, request.user, pk=mail_id)
    try:
        actions.send_again(mail=mail, by=_person(request), at=timezone.now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("The mail is on its way again."))
    return redirect("step_mail", mail.task_id)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Let a contact say that no more such mails shall come: by one click in the mail program, or by the button here.

    The address in the mail is the proof, so mail programs may post here without a page (RFC 8058).
    """
    contact = contact_of(token)
    if contact is None:
        return render_page(request, "playbooks/unsubscribe.html", {"contact": None, "token": token}, status=404)
    if request.method == "POST":
        contact = actions.unsubscribe(contact=contact, at=timezone.now())
    return render_page(request, "playbooks/unsubscribe.html", {"contact": contact, "token": token})


@require_POST
@login_not_required
def resubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Let a contact take it back."""
    contact = contact_of(token)
    if contact is not None:
        actions.resubscribe(contact=contact, at=timezone.now())
    return redirect("unsubscribe", token)
