"""How does the API answer about who speaks for us, and at which addresses?"""

from rest_framework.routers import BaseRouter

from advocacy.viewsets import advocates, referrals
from advocacy.viewsets.advocates import AdvocateViewSet, AskViewSet
from advocacy.viewsets.referrals import ReferralViewSet

__all__ = ["AdvocateViewSet", "AskViewSet", "ReferralViewSet", "register"]


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    for noun in (advocates, referrals):
        noun.register(router)
