"""Which addresses lead to advocates?"""

from django.urls import URLPattern, URLResolver, path

from advocacy.views import asks, consents, people, ranking, requests

PERSON = "advocacy/people/<int:contact_id>/"
ASK = "advocacy/asks/<int:ask_id>/"
REQUEST = "advocacy/requests/<int:request_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("advocacy/", people.advocacy, name="advocacy"),
    path("advocacy/export/<str:kind>/", people.advocacy_export, name="advocacy_export"),
    path("advocacy/bulk/ask/", people.advocates_ask, name="advocates_ask"),
    path(PERSON, people.advocate_person, name="advocate_person"),
    path(PERSON + "ask/", asks.advocate_ask, name="advocate_ask"),
    path(PERSON + "consents/add/", consents.consent_add, name="consent_add"),
    path(PERSON + "mentions/add/", consents.mention_add, name="mention_add"),
    path("advocacy/consents/<int:consent_id>/revoke/", consents.consent_revoke, name="consent_revoke"),
    path("advocacy/mentions/<int:mention_id>/delete/", consents.mention_delete, name="mention_delete"),
    path("advocacy/advocates/<int:advocate_id>/advance/", asks.advocate_advance, name="advocate_advance"),
    path("advocacy/asks/", asks.asks, name="asks"),
    path("advocacy/asks/export/<str:kind>/", asks.asks_export, name="asks_export"),
    path(ASK + "answer/", asks.ask_answer, name="ask_answer"),
    path(ASK + "done/", asks.ask_done, name="ask_done"),
    path(ASK + "thank/", asks.ask_thank, name="ask_thank"),
    path(ASK + "take-back/", asks.ask_take_back, name="ask_take_back"),
    path("advocacy/ranking/", ranking.advocate_ranking, name="advocate_ranking"),
    path("advocacy/ranking/export/<str:kind>/", ranking.advocate_ranking_export, name="advocate_ranking_export"),
    path("advocacy/high-value/", ranking.high_value, name="high_value"),
    path("advocacy/requests/", requests.reference_requests, name="reference_requests"),
    path("advocacy/requests/add/", requests.reference_request_add, name="reference_request_add"),
    path(REQUEST, requests.reference_request, name="reference_request"),
    path(REQUEST + "edit/", requests.reference_request_edit, name="reference_request_edit"),
    path(REQUEST + "decide/", requests.reference_request_decide, name="reference_request_decide"),
    path("settings/advocacy/", ranking.advocacy_settings, name="advocacy_settings"),
]
