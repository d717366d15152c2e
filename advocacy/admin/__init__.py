"""How does an admin look at advocacy and mend what is known?"""

from advocacy.admin.advocates import AdvocateAdmin, AskAdmin
from advocacy.admin.referrals import ReferralAdmin

__all__ = ["AdvocateAdmin", "AskAdmin", "ReferralAdmin"]
