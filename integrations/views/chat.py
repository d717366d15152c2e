"""How does an admin have notifications written into a chat?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import confirm_identity, get_visible_or_404, requires
from accounts.queries.notifications import label_of
from accounts.rules.roles import Capability
from accounts.views.profile import person_of
from accounts.views.settings import sections
from common.forms import attempt
from common.htmx import notify, render_page
from integrations.actions import chat as actions
from integrations.forms.chat import ChatWebhookForm
from integrations.models import ChatPost, ChatWebhook

SET = Capability.MANAGE_SETTINGS
POSTS = 20


@requires(SET)
@require_safe
def chat_webhooks(request: HttpRequest) -> HttpResponse:
    """Show the channels, what each is told of, and what became of the last message."""
    channels = []
    for webhook in ChatWebhook.objects.visible_to(request.user):
        told = ", ".join(label_of(kind) for kind in webhook.kinds)
        channels.append((webhook, told, webhook.posts.first()))
    context = {"channels": channels, "sections": sections(request, "chat_webhooks")}
    return render_page(request, "integrations/chat_webhooks.html", context)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
@confirm_identity
def chat_webhook_add(request: HttpRequest) -> HttpResponse:
    """Name a channel."""
    return _form(request, None)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
@confirm_identity
def chat_webhook_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a channel, and see what became of its last messages."""
    return _form(request, get_visible_or_404(ChatWebhook, request.user, pk=pk))


def _form(request: HttpRequest, webhook: ChatWebhook | None) -> HttpResponse:
    form = ChatWebhookForm(request.POST or None, webhook=webhook)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        saved = attempt(
            form,
            lambda: actions.save_webhook(by=person_of(request), at=timezone.now(), webhook=webhook, **values),
        )
        if saved:
            notify(request, _("Saved. Send a message to try it."))
            return redirect("chat_webhook_edit", saved.pk)
    posts = [] if webhook is None else list(ChatPost.objects.visible_to(request.user).filter(webhook=webhook)[:POSTS])
    context = {"form": form, "webhook": webhook, "posts": posts, "sections": sections(request, "chat_webhooks")}
    return render_page(request, "integrations/chat_webhook.html", context, status=422 if form.errors else 200)


@requires(SET)
@require_POST
def chat_webhook_try(request: HttpRequest, pk: int) -> HttpResponse:
    """Write one line into a channel."""
    webhook = get_visible_or_404(ChatWebhook, request.user, pk=pk)
    actions.try_webhook(webhook=webhook, by=person_of(request), at=timezone.now())
    notify(request, _("The message is on its way; whether it arrived stands below in a moment."))
    return redirect("chat_webhook_edit", pk)


@requires(SET)
@require_POST
def chat_webhook_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a channel and its address."""
    webhook = get_visible_or_404(ChatWebhook, request.user, pk=pk)
    actions.delete_webhook(webhook=webhook, by=person_of(request), at=timezone.now())
    notify(request, _("“%(name)s” is told nothing more.") % {"name": webhook.name})
    return redirect("chat_webhooks")
