"""How is each account served: by a person, by a pool, or by the program?"""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import Account
from playbooks.models import ServiceChannel
from playbooks.rules.steps import Channel

# What holds for a tier of which nobody has said otherwise: people for key and mid-size accounts, the program for
# small ones.
SHIPPED: Mapping[str, Channel] = {
    Account.Tier.ELEPHANT: Channel.PERSON,
    Account.Tier.CHEETAH: Channel.PERSON,
    Account.Tier.RABBIT: Channel.DIGITAL,
}


def channels_of_tiers() -> Mapping[str, Channel]:
    """The channel of the accounts of each tier, as the settings say; one query."""
    chosen = {tier: Channel(channel) for tier, channel in ServiceChannel.objects.values_list("tier", "channel")}
    return {**{str(tier): channel for tier, channel in SHIPPED.items()}, **chosen}
