"""Which programs act for a person, and how does one stop them?"""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import confirm_identity, get_visible_or_404, requires
from accounts.rules.roles import Capability
from accounts.views.profile import person_of
from accounts.views.settings import sections
from common.errors import Refused
from common.forms import attempt
from common.htmx import notify, render_page
from common.once import form_key, once
from common.tables import Column
from integrations.actions import tokens as actions
from integrations.forms.tokens import TokenForm
from integrations.models import ApiToken

MANAGE = Capability.MANAGE_PEOPLE
COLUMNS = (
    Column("name", _lazy("Name")),
    Column("owner", _lazy("Owner")),
    Column("scopes", _lazy("Scopes")),
    Column("expires_at", _lazy("Expires")),
    Column("last_used_at", _lazy("Last used")),
    Column("actions", _lazy("Actions"), hide_label=True),
)


def _listed(tokens: QuerySet[ApiToken], at: dt.datetime) -> list[tuple[ApiToken, str]]:
    """Pair tokens with the state that they are in."""
    states = []
    for token in tokens.select_related("owner"):
        state = "revoked" if token.revoked_at else "expired" if token.expires_at <= at else "works"
        states.append((token, state))
    return states


@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    """Show one's own tokens."""
    person = person_of(request)
    own = ApiToken.objects.visible_to(person).filter(owner=person)
    context = {"tokens": _listed(own, timezone.now()), "sections": sections(request, "tokens")}
    return render_page(request, "integrations/tokens.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@confirm_identity
@once
def token_create(request: HttpRequest) -> HttpResponse:
    """Make a token; its secret is on this one answer and nowhere else."""
    person = person_of(request)
    form = TokenForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        made = attempt(
            form,
            lambda: actions.create_token(
                by=person,
                at=timezone.now(),
                name=values["name"],
                scopes=[values["scope"]],
                days=values["days"],
                networks=values["networks"],
            ),
        )
        if made:
            context = {"token": made[0], "secret": made[1], "sections": sections(request, "tokens")}
            answer = render_page(request, "integrations/token_created.html", context)
            # Loading this page again makes no second token.
            answer["Content-Location"] = reverse("tokens")
            return answer
    context = {"form": form, "sections": sections(request, "tokens"), "form_key": form_key(request)}
    return render_page(request, "integrations/token_create.html", context, status=422 if form.errors else 200)


@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token, one's own or as an admin anybody's."""
    person = person_of(request)
    token = get_visible_or_404(ApiToken, person, pk=pk)
    try:
        actions.revoke_token(by=person, at=timezone.now(), token=token)
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        notify(request, _("“%(name)s” no longer works.") % {"name": token.name})
    return redirect("tokens" if token.owner_id == person.pk else "all_tokens")


@requires(MANAGE)
@require_safe
def all_tokens(request: HttpRequest) -> HttpResponse:
    """Show everybody's tokens that work."""
    at = timezone.now()
    working = ApiToken.objects.visible_to(request.user).usable_at(at)
    context = {"tokens": _listed(working, at), "columns": COLUMNS, "sections": sections(request, "all_tokens")}
    return render_page(request, "integrations/all_tokens.html", context)


@requires(MANAGE)
@require_POST
@confirm_identity
def tokens_revoke_all(request: HttpRequest) -> HttpResponse:
    """End everybody's tokens at once, when one may have been stolen."""
    count = actions.revoke_all(by=person_of(request), at=timezone.now())
    notify(request, ngettext("%(n)s token no longer works.", "%(n)s tokens no longer work.", count) % {"n": count})
    return redirect("all_tokens")
