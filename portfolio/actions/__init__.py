"""How is what the screens read kept in step with the facts?"""

from portfolio.actions.expansion import profile_expansion
from portfolio.actions.rows import refresh_rows

__all__ = ["profile_expansion", "refresh_rows"]
