"""Which words does a customer's timeline have for referrals, sharing sessions and case studies?"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

# By event; what stands in a blank is kept in the entry's details. Where a customer was brought by another one, its
# timeline does not say by whom: who reads it may not know that customer.
ENTRY_WORDS = {
    "referral_added": _("Brought us %(name)s"),
    "referral_moved": _("%(name)s, whom they brought: %(state)s"),
    "referral_thanked": _("Thanked for bringing %(name)s"),
    "was_referred": _("Came to us through another customer"),
    "session_invited": _("Invited to the session %(name)s"),
    "session_attended": _("Took part in the session %(name)s"),
    "session_follow_up": _("Follow up on the session %(name)s"),
    "session_talk": _("Speaks in the session %(name)s"),
    "case_sent": _("Case study sent for approval: %(name)s"),
    "case_approved": _("Case study approved: %(name)s"),
    "case_published": _("Case study published: %(name)s"),
    "case_expired": _("Case study expired: %(name)s"),
    "case_withdrawn": _("Case study withdrawn: %(name)s"),
}
