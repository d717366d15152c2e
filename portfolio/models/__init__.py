"""What do the screens keep beside the facts: rows that a list reads quickly, and the books that were brought in?"""

from portfolio.models.account_row import AccountRow
from portfolio.models.book_import import BookImport
from portfolio.models.expansion import ExpansionFit, ExpansionTrait

__all__ = ["AccountRow", "BookImport", "ExpansionFit", "ExpansionTrait"]
