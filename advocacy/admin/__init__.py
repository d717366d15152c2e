"""How does an admin look at advocacy and mend what is known?"""

from advocacy.admin.advocates import AdvocateAdmin, AskAdmin
from advocacy.admin.referrals import ReferralAdmin
from advocacy.admin.sessions import SessionInvitationAdmin, SessionTalkAdmin, SharingSessionAdmin

__all__ = [
    "AdvocateAdmin",
    "AskAdmin",
    "ReferralAdmin",
    "SessionInvitationAdmin",
    "SessionTalkAdmin",
    "SharingSessionAdmin",
]
