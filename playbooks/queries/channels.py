"""How is each account served: by a person, by a pool, or by the program?"""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import Account
from playbooks.rules.steps import Channel

BY_TIER: Mapping[str, Channel] = {
    Account.Tier.ELEPHANT: Channel.PERSON,
    Account.Tier.CHEETAH: Channel.PERSON,
    Account.Tier.RABBIT: Channel.DIGITAL,
}


def channels_of_tiers() -> Mapping[str, Channel]:
    """The channel of the accounts of each tier: people for key and mid-size accounts, the program for small ones."""
    return BY_TIER
