"""Which addresses lead to what connects with the outside?"""

from django.urls import URLPattern, URLResolver, path

from integrations.views import chat
from integrations.views import tokens as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/tokens/", views.tokens, name="tokens"),
    path("settings/tokens/create/", views.token_create, name="token_create"),
    path("settings/tokens/<int:pk>/revoke/", views.token_revoke, name="token_revoke"),
    path("settings/tokens/all/", views.all_tokens, name="all_tokens"),
    path("settings/tokens/revoke-all/", views.tokens_revoke_all, name="tokens_revoke_all"),
    path("settings/chat/", chat.chat_webhooks, name="chat_webhooks"),
    path("settings/chat/add/", chat.chat_webhook_add, name="chat_webhook_add"),
    path("settings/chat/<int:pk>/", chat.chat_webhook_edit, name="chat_webhook_edit"),
    path("settings/chat/<int:pk>/try/", chat.chat_webhook_try, name="chat_webhook_try"),
    path("settings/chat/<int:pk>/delete/", chat.chat_webhook_delete, name="chat_webhook_delete"),
]
