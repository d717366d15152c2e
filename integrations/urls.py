"""Which addresses lead to what connects with the outside?"""

from django.urls import URLPattern, URLResolver, path

from integrations import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/tokens/", views.tokens, name="tokens"),
    path("settings/tokens/create/", views.token_create, name="token_create"),
    path("settings/tokens/<int:pk>/revoke/", views.token_revoke, name="token_revoke"),
    path("settings/tokens/all/", views.all_tokens, name="all_tokens"),
    path("settings/tokens/revoke-all/", views.tokens_revoke_all, name="tokens_revoke_all"),
]
