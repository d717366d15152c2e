"""Who may make themselves an account? Nobody: an admin makes people, and single sign-on only finds those."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in without sign-up; single sign-on asks here too."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse a stranger, also one whom another system knows."""
        return False
