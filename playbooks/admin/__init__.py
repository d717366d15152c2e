"""How does an admin look at playbooks?"""

from playbooks.admin import effect, mails, stabilization

__all__ = ["effect", "mails", "stabilization"]
