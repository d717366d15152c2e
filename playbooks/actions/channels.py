"""How does the way in which each tier is served change?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit
from accounts.models import Account, User
from common.errors import Refused
from playbooks.models import Run, ServiceChannel
from playbooks.queries.channels import channels_of_tiers


@transaction.atomic
def set_channels(*, channels: Mapping[str, str], by: User, at: dt.datetime) -> int:
    """Say how the accounts of each tier are served from now on, for how many that changes; runs keep theirs."""
    before = {str(tier): str(channel) for tier, channel in channels_of_tiers().items()}
    changed = {tier: channel for tier, channel in channels.items() if before.get(tier) != channel}
    for tier, channel in changed.items():
        if tier not in Account.Tier.values or channel not in Run.Channel.values:
            raise Refused(_("Choose how accounts of this tier are served."), field=tier)
        row, _made = ServiceChannel.objects.update_or_create(tier=tier, defaults={"channel": channel})
        leave_audit("service_channel.changed", row, by=by, at=at, changes={tier: [before.get(tier), channel]})
    return len(changed)
