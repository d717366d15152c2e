"""How does a manager set how playbooks serve, write and are measured?"""

from __future__ import annotations

from typing import cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import requires
from accounts.models import User
from accounts.rules.roles import Capability
from accounts.views.settings import sections
from common.forms import attempt
from common.htmx import notify, render_page
from playbooks.actions.channels import set_channels
from playbooks.actions.effect_policy import change_effect_policy
from playbooks.actions.mails import change_mail_settings
from playbooks.forms.settings import POLICY, PlaybookSettingsForm
from playbooks.models import EffectPolicy, MailSettings
from playbooks.queries.channels import channels_of_tiers


@requires(Capability.EDIT_PLAYBOOKS)
@require_http_methods(["GET", "HEAD", "POST"])
def playbook_settings(request: HttpRequest) -> HttpResponse:
    """Show and change how each tier is served, from whom mails come, how effect is measured."""
    form = PlaybookSettingsForm(
        request.POST or None, instance=MailSettings.load(), channels=channels_of_tiers(), policy=EffectPolicy.load()
    )
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: _save(request, form)):
        notify(request, _("Saved."))
        return redirect("playbook_settings")
    context = {"form": form, "sections": sections(request, "playbook_settings"), "policy": POLICY}
    return render_page(request, "playbooks/playbook_settings.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _save(request: HttpRequest, form: PlaybookSettingsForm) -> bool:
    by, at = cast(User, request.user), timezone.now()
    change_effect_policy(by=by, at=at, **form.policy())
    set_channels(channels=form.channels(), by=by, at=at)
    change_mail_settings(by=by, at=at, **form.mails())
    return True
