"""How does the API answer about who speaks for us, and at which addresses?"""

from rest_framework.routers import BaseRouter

from advocacy.viewsets import advocates, referrals, sessions
from advocacy.viewsets.advocates import AdvocateViewSet, AskViewSet
from advocacy.viewsets.referrals import ReferralViewSet
from advocacy.viewsets.sessions import SessionInvitationViewSet, SessionTalkViewSet, SharingSessionViewSet

__all__ = [
    "AdvocateViewSet",
    "AskViewSet",
    "ReferralViewSet",
    "SessionInvitationViewSet",
    "SessionTalkViewSet",
    "SharingSessionViewSet",
    "register",
]


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    for noun in (advocates, sessions, referrals):
        noun.register(router)
