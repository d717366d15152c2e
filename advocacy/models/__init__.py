"""Who speaks for us, what were they asked, and how do they stand?"""

from advocacy.models.advocates import Advocate, PublicMention, WithdrawalCause
from advocacy.models.asks import Ask, AskQuerySet
from advocacy.models.case_studies import CaseStudy, CaseStudyQuerySet
from advocacy.models.consents import Consent, ConsentQuerySet
from advocacy.models.kinds import CHANNEL_OF, AskKind, Channel
from advocacy.models.referrals import Referral, ReferralQuerySet
from advocacy.models.requests import ReferenceRequest
from advocacy.models.scores import AdvocateRow, AdvocateScore, HardLimit
from advocacy.models.sessions import (
    SessionInvitation,
    SessionInvitationQuerySet,
    SessionTalk,
    SessionTalkQuerySet,
    SharingSession,
)
from advocacy.models.settings import AdvocacySettings

__all__ = [
    "CHANNEL_OF",
    "AdvocacySettings",
    "Advocate",
    "AdvocateRow",
    "AdvocateScore",
    "Ask",
    "AskKind",
    "AskQuerySet",
    "CaseStudy",
    "CaseStudyQuerySet",
    "Channel",
    "Consent",
    "ConsentQuerySet",
    "HardLimit",
    "PublicMention",
    "ReferenceRequest",
    "Referral",
    "ReferralQuerySet",
    "SessionInvitation",
    "SessionInvitationQuerySet",
    "SessionTalk",
    "SessionTalkQuerySet",
    "SharingSession",
    "WithdrawalCause",
]
