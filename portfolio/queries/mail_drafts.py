"""Which mails to a customer are half written already?"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, User
from common.formats import date
from portfolio.queries.account_head import AccountHead


@dataclass(frozen=True)
class Draft:
    """One mail that is half written: its key, what it is called, its subject and its text."""

    key: str
    name: str | Promise
    subject: str | Promise
    text: str | Promise


# What may stand in a draft: the contact, the account, who writes, and the end of the contract.
DRAFTS = (
    Draft(
        "check_in",
        _("Check-in"),
        _("How is it going at %(account)s?"),
        _("Hello %(contact)s,\n\nI would like to hear how it is going with the product, and what has changed for you "
          "since we last spoke.\n\nDo you have twenty minutes this week or next? Two or three times that suit you are "
          "enough; I will send the invitation.\n\nBest regards\n%(me)s"),
    ),
    Draft(
        "renewal",
        _("Opening of renewal talks"),
        _("%(account)s: your contract until %(renewal)s"),
        _("Hello %(contact)s,\n\nyour contract runs until %(renewal)s. Before that I would like to look with you at "
          "what you have reached, what is still open, and what you plan for the coming year, so that the renewal fits."
          "\n\nWhich day in the next two weeks suits you? I will bring the figures.\n\nBest regards\n%(me)s"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """A draft with its gaps filled in."""

    draft: Draft
    subject: str
    text: str

    def mailto(self, email: str) -> str:
        """The address that opens the mail in one's own mail program; every sign is written as an address has it."""
        return f"mailto:{quote(email, safe='@')}?subject={quote(self.subject)}&body={quote(self.text)}"


def written(draft: Draft, head: AccountHead, contact: Contact | None, user: User) -> Written:
    """Fill in a draft."""
    words = {
        "account": head.account.name,
        "contact": contact.name if contact else _text("[name]"),
        "me": user.name,
        "renewal": date(head.renewal.due_on) if head.renewal else _text("[day]"),
    }
    return Written(draft, " ".join((str(draft.subject) % words).split()), str(draft.text) % words)


def reachable(head: AccountHead) -> list[Contact]:
    """The people of an account to whom a mail may go: there, with an address, and not unsubscribed."""
    people = Contact.objects.filter(account=head.account, unsubscribed_at=None).present_on(head.on).exclude(email="")
    return list(people.order_by("name", "pk"))
