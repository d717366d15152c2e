"""Which addresses lead to people, accounts and contacts?"""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
