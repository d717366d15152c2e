"""How does each customer fare, and of whom should somebody be warned?"""

from health.queries.warnings import WarningColumns, warnings_on

__all__ = ["WarningColumns", "warnings_on"]
