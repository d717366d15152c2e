"""How does an admin look at playbooks?"""

from playbooks.admin import effect, mails, playbooks, stabilization

__all__ = ["effect", "mails", "playbooks", "stabilization"]
