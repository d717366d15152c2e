"""How does what connects to the outside come into being, and how does it end?"""

from integrations.actions.tokens import create_token, note_use, pepper, revoke_all, revoke_token, stamp_of

__all__ = ["create_token", "note_use", "pepper", "revoke_all", "revoke_token", "stamp_of"]
