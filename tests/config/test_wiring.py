"""Do the addresses that belong to no app do what they promise?"""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

User = get_user_model()


def test_a_load_balancer_learns_that_the_process_lives_without_signing_in_or_asking_the_database(
    client: Client,
) -> None:
    answer = client.get("/healthz/")

    assert (answer.status_code, answer.content) == (200, b"ok")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_a_stranger_cannot_make_themselves_an_account(client: Client) -> None:
    password = "a long and unusual phrase 7"
    client.post(reverse("account_signup"), {"email": "me@example.com", "password1": password, "password2": password})

    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_documentation_of_the_api_may_style_itself_and_no_other_page_may(client: Client) -> None:
    client.force_login(User.objects.create_user(email="reader@example.com", name="Reader", role="admin"))

    assert "style-src 'self' 'unsafe-inline'" in client.get(reverse("api_docs"))["Content-Security-Policy"]
    assert "unsafe" not in client.get("/healthz/")["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_documentation_of_the_api_asks_no_other_site(client: Client) -> None:
    client.force_login(User.objects.create_user(email="reader@example.com", name="Reader", role="admin"))

    assert "//" not in client.get(reverse("api_docs")).content.decode().replace("<!--", "")


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("cs_manager", 403), ("viewer", 403)])
def test_the_admin_is_for_admins(client: Client, role: str, status: int) -> None:
    client.force_login(User.objects.create_user(email="reader@example.com", name="Reader", role=role))

    assert client.get("/admin/", follow=True).status_code == status


def test_celery_reads_no_pickles_and_knows_the_settings() -> None:
    from config.celery import app

    assert app.conf.accept_content == ["json"]
    assert app.conf.task_acks_late
    assert str(app.conf.timezone) == "UTC"
