"""Which addresses lead to advocates, case studies, sharing sessions and referrals?"""

from django.urls import URLPattern, URLResolver, path

from advocacy.views import referrals

REFERRAL = "advocacy/referrals/<int:referral_id>/"

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

urlpatterns: list[URLPattern | URLResolver] = [*referral_pages]
