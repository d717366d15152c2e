"""How does the API answer about who speaks for us, and at which addresses?"""

from advocacy.viewsets.advocates import (
    AdvocateViewSet,
    AskViewSet,
    register,
)
from advocacy.viewsets.people import AdvocacySettingsView

__all__ = [
    "AdvocacySettingsView",
    "AdvocateViewSet",
    "AskViewSet",
    "register",
]
