"""How does an admin look at playbooks?"""

from playbooks.admin import stabilization

__all__ = ["stabilization"]
