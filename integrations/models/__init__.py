"""Which programs come in, and which channels outside are written to?"""

from integrations.models.chat import ChatPost, ChatWebhook
from integrations.models.tokens import ApiToken, ApiTokenQuerySet

__all__ = ["ApiToken", "ApiTokenQuerySet", "ChatPost", "ChatWebhook"]
