"""How is what the screens read kept in step with the facts?"""

from portfolio.actions.rows import refresh_rows

__all__ = ["refresh_rows"]
