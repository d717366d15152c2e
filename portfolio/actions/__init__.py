"""How is what the screens read kept in step with the facts?"""

from portfolio.actions.advocacy import rank_advocates
from portfolio.actions.expansion import profile_expansion
from portfolio.actions.rows import refresh_rows

__all__ = ["profile_expansion", "rank_advocates", "refresh_rows"]
