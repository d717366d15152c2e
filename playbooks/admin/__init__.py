"""How does an admin look at playbooks?"""

from playbooks.admin import playbooks, stabilization

__all__ = ["playbooks", "stabilization"]
