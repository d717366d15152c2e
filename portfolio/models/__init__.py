"""What do the screens keep beside the facts, so that a list need not read them again?"""

from portfolio.models.account_row import TONES, AccountRow

__all__ = ["TONES", "AccountRow"]
