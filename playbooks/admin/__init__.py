"""How does an admin look at playbooks?"""

from playbooks.admin import mails, stabilization

__all__ = ["mails", "stabilization"]
