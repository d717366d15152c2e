"""How does an admin look at the mails of playbooks and at how tiers are served? They are set on their page."""

from __future__ import annotations

from django.contrib import admin

from common.admin import ReadOnlyAdmin
from playbooks.models import MailSettings, ServiceChannel, StepMail


@admin.register(StepMail)
class StepMailAdmin(ReadOnlyAdmin):
    """Mails, newest first: what was handed over and what became of it."""

    list_display = ["subject", "account", "contact", "state", "queued_at", "handed_at", "sent_at"]
    list_filter = ["state"]
    list_select_related = ["account", "contact"]
    search_fields = ["account__name", "account__external_id"]
    show_full_result_count = False


@admin.register(MailSettings)
class MailSettingsAdmin(ReadOnlyAdmin):
    """From whom mails come."""

    list_display = ["sender_name", "reply_to", "guide_url", "manual_url"]


@admin.register(ServiceChannel)
class ServiceChannelAdmin(ReadOnlyAdmin):
    """How tiers are served."""

    list_display = ["tier", "channel"]
