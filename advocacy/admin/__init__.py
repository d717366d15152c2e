"""How does an admin look at advocacy and mend what is known?"""

from advocacy.admin.advocates import AdvocateAdmin, AskAdmin
from advocacy.admin.case_studies import CaseStudyAdmin
from advocacy.admin.referrals import ReferralAdmin
from advocacy.admin.sessions import SessionInvitationAdmin, SessionTalkAdmin, SharingSessionAdmin

__all__ = [
    "AdvocateAdmin",
    "AskAdmin",
    "CaseStudyAdmin",
    "ReferralAdmin",
    "SessionInvitationAdmin",
    "SessionTalkAdmin",
    "SharingSessionAdmin",
]
