"""How does the API answer about who speaks for us, and at which addresses?"""

from rest_framework.routers import BaseRouter

from advocacy.viewsets import advocates, case_studies, referrals, sessions
from advocacy.viewsets.advocates import AdvocateViewSet, AskViewSet
from advocacy.viewsets.case_studies import CaseStudyViewSet
from advocacy.viewsets.people import AdvocacySettingsView
from advocacy.viewsets.referrals import ReferralViewSet
from advocacy.viewsets.sessions import SessionInvitationViewSet, SessionTalkViewSet, SharingSessionViewSet

__all__ = [
    "AdvocacySettingsView",
    "AdvocateViewSet",
    "AskViewSet",
    "CaseStudyViewSet",
    "ReferralViewSet",
    "SessionInvitationViewSet",
    "SessionTalkViewSet",
    "SharingSessionViewSet",
    "register",
]


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    for noun in (advocates, case_studies, sessions, referrals):
        noun.register(router)
