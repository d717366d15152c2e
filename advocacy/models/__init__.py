"""Who speaks for us, and what were they asked?"""

from advocacy.models.advocates import (
    Advocate,
    Ask,
    AskQuerySet,
)
from advocacy.models.referrals import Referral, ReferralQuerySet
from advocacy.models.sessions import (
    SessionInvitation,
    SessionInvitationQuerySet,
    SessionTalk,
    SessionTalkQuerySet,
    SharingSession,
)

__all__ = [
    "Advocate",
    "Ask",
    "AskQuerySet",
    "Referral",
    "ReferralQuerySet",
    "SessionInvitation",
    "SessionInvitationQuerySet",
    "SessionTalk",
    "SessionTalkQuerySet",
    "SharingSession",
]
