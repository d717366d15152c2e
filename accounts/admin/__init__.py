"""How does an admin look up and set right what the pages do not offer? By role admin alone, and through actions."""

from accounts.admin import customers, people

__all__ = ["customers", "people"]
