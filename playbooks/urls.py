"""Which addresses lead to playbooks?"""

from django.urls import URLPattern, URLResolver, path

from playbooks.views import stabilization

PLANS = "playbooks/stabilization/"

urlpatterns: list[URLPattern | URLResolver] = [
    # Stabilization
    path(PLANS, stabilization.stabilization_plans, name="stabilization_plans"),
    path(PLANS + "export/<str:kind>/", stabilization.stabilization_export, name="stabilization_export"),
    path("accounts/<int:account_id>/stabilization/add/", stabilization.stabilization_add, name="stabilization_add"),
    path(PLANS + "<int:plan_id>/", stabilization.stabilization_plan, name="stabilization_plan"),
    path(PLANS + "<int:plan_id>/edit/", stabilization.stabilization_edit, name="stabilization_edit"),
    path(PLANS + "<int:plan_id>/verdict/", stabilization.stabilization_verdict, name="stabilization_verdict"),
    path(PLANS + "<int:plan_id>/take-back/", stabilization.stabilization_take_back, name="stabilization_take_back"),
    path(PLANS + "<int:plan_id>/discard/", stabilization.stabilization_discard, name="stabilization_discard"),
]
