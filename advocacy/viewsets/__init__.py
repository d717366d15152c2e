"""How does the API answer about who speaks for us, and at which addresses?"""

from advocacy.viewsets.advocates import (
    AdvocateViewSet,
    AskViewSet,
    register,
)

__all__ = [
    "AdvocateViewSet",
    "AskViewSet",
    "register",
]
