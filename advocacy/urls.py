"""Which addresses lead to advocates, case studies, sharing sessions and referrals?"""

from django.urls import URLPattern, URLResolver, path

from advocacy.views import (
    asks,
    case_publishing,
    case_studies,
    consents,
    invitations,
    people,
    ranking,
    referrals,
    requests,
    sessions,
)

PERSON = "advocacy/people/<int:contact_id>/"
ASK = "advocacy/asks/<int:ask_id>/"
REQUEST = "advocacy/requests/<int:request_id>/"
CASE = "advocacy/case-studies/<int:case_id>/"
REFERRAL = "advocacy/referrals/<int:referral_id>/"
SESSION = "advocacy/sessions/<int:session_id>/"
INVITATION = "advocacy/sessions/invitations/<int:invitation_id>/"

case_pages: list[URLPattern | URLResolver] = [
    path("advocacy/case-studies/", case_studies.case_studies, name="case_studies"),
    path("advocacy/case-studies/export/<str:kind>/", case_studies.case_study_export, name="case_study_export"),
    path("advocacy/case-studies/new/", case_studies.case_study_new, name="case_study_new"),
    path("advocacy/case-studies/new/<int:account_id>/", case_studies.case_study_add, name="case_study_add"),
    path(CASE, case_studies.case_study, name="case_study"),
    path(CASE + "sheet/", case_studies.case_study_sheet, name="case_study_sheet"),
    path(CASE + "edit/", case_studies.case_study_edit, name="case_study_edit"),
    path(CASE + "send/", case_studies.case_study_send, name="case_study_send"),
    path(CASE + "approve/", case_publishing.case_study_approve, name="case_study_approve"),
    path(CASE + "publish/", case_publishing.case_study_publish, name="case_study_publish"),
    path(CASE + "withdraw/", case_publishing.case_study_withdraw, name="case_study_withdraw"),
    path(CASE + "redraft/", case_studies.case_study_redraft, name="case_study_redraft"),
    path(CASE + "delete/", case_studies.case_study_delete, name="case_study_delete"),
    # Open to whoever knows the address.
    path("stories/<str:token>/", case_publishing.case_study_public, name="case_study_public"),
]

referral_pages: list[URLPattern | URLResolver] = [
    path("advocacy/referrals/", referrals.referrals, name="referrals"),
    path("advocacy/referrals/export/<str:kind>/", referrals.referral_export, name="referral_export"),
    path("advocacy/referrals/new/", referrals.referral_new, name="referral_new"),
    path("advocacy/referrals/new/<int:account_id>/", referrals.referral_add, name="referral_add"),
    path(REFERRAL, referrals.referral, name="referral"),
    path(REFERRAL + "edit/", referrals.referral_edit, name="referral_edit"),
    path(REFERRAL + "advance/", referrals.referral_advance, name="referral_advance"),
    path(REFERRAL + "take-back/<slug:state>/", referrals.referral_take_back, name="referral_take_back"),
    path(REFERRAL + "lose/", referrals.referral_lose, name="referral_lose"),
    path(REFERRAL + "thank/", referrals.referral_thank, name="referral_thank"),
    path(REFERRAL + "unthank/", referrals.referral_unthank, name="referral_unthank"),
    path(REFERRAL + "delete/", referrals.referral_delete, name="referral_delete"),
]

session_pages: list[URLPattern | URLResolver] = [
    path("advocacy/sessions/", sessions.sharing_sessions, name="sharing_sessions"),
    path("advocacy/sessions/export/<str:kind>/", sessions.session_export, name="session_export"),
    path("advocacy/sessions/new/", sessions.session_add, name="session_add"),
    path("advocacy/sessions/talks/<int:talk_id>/delete/", sessions.talk_delete, name="talk_delete"),
    path(SESSION, sessions.sharing_session, name="sharing_session"),
    path(SESSION + "edit/", sessions.session_edit, name="session_edit"),
    path(SESSION + "cancel/", sessions.session_cancel, name="session_cancel"),
    path(SESSION + "restore/", sessions.session_restore, name="session_restore"),
    path(SESSION + "delete/", sessions.session_delete, name="session_delete"),
    path(SESSION + "talks/new/", sessions.talk_add, name="talk_add"),
    path(SESSION + "invite/", invitations.session_invite, name="session_invite"),
    path(SESSION + "came/", invitations.session_came, name="session_came"),
    path(SESSION + "walk-in/", invitations.session_walk_in, name="session_walk_in"),
    path(SESSION + "take-up/", invitations.session_take_up, name="session_take_up"),
    path(SESSION + "follow-ups/", invitations.session_follow_ups, name="session_follow_ups"),
    path(SESSION + "export/<str:kind>/", invitations.invitation_export, name="invitation_export"),
    path(INVITATION + "answer/", invitations.invitation_answer, name="invitation_answer"),
    path(INVITATION + "edit/", invitations.invitation_edit, name="invitation_edit"),
    path(INVITATION + "withdraw/", invitations.invitation_withdraw, name="invitation_withdraw"),
    path(INVITATION + "not-came/", invitations.invitation_not_came, name="invitation_not_came"),
    path(INVITATION + "followed-up/", invitations.invitation_followed_up, name="invitation_followed_up"),
]

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
    *case_pages,
    *session_pages,
    *referral_pages,
]
