"""Are notifications written into a channel once, in its language, without amounts, and its address kept secret?"""

from __future__ import annotations

import json
import time

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions.notifications import notify_people
from accounts.models import AuditEvent, Notification
from common import jobs, outgoing
from common.errors import Refused
from common.models import Job
from integrations.actions import chat, create_token
from integrations.actions.expiry import tell_of_expiring_tokens
from integrations.models import ChatPost, ChatWebhook
from tests.common.test_outgoing import numeric
from tests.factories import AT, make_user

pytestmark = pytest.mark.django_db
URL = "https://93.184.216.34/services/T0/secret-part"


@pytest.fixture(autouse=True)
def _numbers_only(monkeypatch):
    """Ask no name server: hosts of these tests are numbers."""
    monkeypatch.setattr(outgoing, "look_up", numeric)


@pytest.fixture
def admin(client):
    user = make_user("admin")
    client.force_login(user)
    confirm(client, user)
    return user


def confirm(client, user):
    """Let the session have shown just now who sits before it."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


@pytest.fixture
def sent(monkeypatch):
    """What would leave, and how the chat answers."""
    posts: list[dict] = []
    answers: list[object] = []

    def post_json(url, body, *, key, trusted):
        answer = answers.pop(0) if answers else 200
        if isinstance(answer, Exception):
            raise answer
        posts.append({"url": url, "key": key, **body})
        return answer

    monkeypatch.setattr(outgoing, "post_json", post_json)
    return posts, answers


def make_webhook(admin, **values):
    values = {"name": "#cs", "style": "slack", "kinds": ["job_parked"], "language": "en", "url": URL} | values
    return chat.save_webhook(by=admin, at=AT, **values)


def tell(*people, title="Broken <!channel>", cause="c:1", **more):
    notify_people(people, kind="job_parked", title=title, cause=cause, at=AT, **more)


def work():
    for _round in range(5):
        Job.objects.queued().update(run_after=None)
        if not jobs.run_due(timezone.now()):
            return


def test_a_burst_told_to_many_is_one_message_with_each_thing_once(admin, sent, settings) -> None:
    settings.SITE_URL = "https://mainstay.example"
    make_webhook(admin)
    tell(admin, make_user("admin"), url="/settings/background-work/")
    tell(admin, title="Second", cause="c:2")
    work()
    work()

    [message] = sent[0]
    assert message["url"] == URL
    assert message["text"].splitlines() == [
        "Mainstay: 2 things",
        "• <https://mainstay.example/settings/background-work/|Broken &lt;!channel&gt;>",
        "• Second",
    ]
    assert ChatPost.objects.get().state == "sent"


def test_only_the_kinds_that_were_chosen_and_nothing_from_before(admin, sent) -> None:
    tell(admin, title="Before")
    make_webhook(admin)
    notify_people([admin], kind="token_expires", title="Not for the channel", cause="c:9", at=AT)
    work()

    assert sent[0] == []
    assert not ChatPost.objects.exists()


def test_what_the_chat_did_not_take_is_tried_again_and_what_is_uncertain_is_not(admin, sent) -> None:
    posts, answers = sent
    make_webhook(admin)
    answers += [503, outgoing.NotSent("closed"), 200]
    tell(admin)
    work()
    assert len([one for one in posts if "Broken" in one["text"]]) >= 1
    assert ChatPost.objects.get().state == "sent"

    answers += [outgoing.Unanswered("late")]
    tell(admin, cause="c:2")
    before = len(posts)
    work()
    work()
    assert ChatPost.objects.first().state == "uncertain"
    assert len(posts) == before


@pytest.mark.parametrize("status", [301, 400, 404, 410])
def test_a_refusal_or_a_redirect_is_final(admin, sent, status) -> None:
    sent[1].append(status)
    make_webhook(admin)
    tell(admin)
    work()
    work()

    post = ChatPost.objects.get()
    assert (post.state, post.error, len(sent[0])) == ("refused", f"HTTP {status}", 1)


def test_a_message_that_began_is_not_sent_again_when_the_worker_died(admin, sent) -> None:
    webhook = make_webhook(admin)
    post = chat.try_webhook(webhook=webhook, by=admin, at=AT)
    ChatPost.objects.update(state="sending")

    assert chat.send_post(post_id=post.pk, at=AT) == "uncertain"
    assert sent[0] == []


def test_a_channel_reads_its_own_language_where_somebody_does(admin, sent) -> None:
    make_webhook(admin, language="zh-hans")
    english, chinese = make_user("admin", language="en"), make_user("admin", language="zh-hans")
    for person, title in ((english, "Broken"), (chinese, "坏了")):
        Notification.objects.create(user=person, kind="job_parked", title=title, cause="c:1", at=AT)
    chat.write_posts(at=AT)
    work()

    assert "坏了" in sent[0][0]["text"]
    assert "Broken" not in sent[0][0]["text"]


def test_the_address_is_sealed_shown_to_nobody_and_in_no_trail(client, admin) -> None:
    webhook = make_webhook(admin)

    assert "secret-part" not in webhook.sealed_url
    assert chat.address_of(webhook) == URL
    page = client.get(reverse("chat_webhook_edit", args=[webhook.pk])).content.decode()
    assert "secret-part" not in page
    assert "secret-part" not in json.dumps(list(AuditEvent.objects.values_list("changes", flat=True)))


def test_an_address_under_another_key_asks_to_be_entered_again(admin, settings) -> None:
    webhook = make_webhook(admin)
    settings.SECRET_KEY = "another-" * 10

    with pytest.raises(Refused, match="Enter it again"):
        chat.address_of(webhook)


@pytest.mark.parametrize(
    "url", ["http://127.1/", "https://[::ffff:7f00:1]/", "https://169.254.169.254/", "ftp://93.184.216.34/", "x"]
)
def test_a_hostile_address_is_refused_at_its_field(client, admin, url) -> None:
    sent = {"name": "#cs", "style": "slack", "kinds": ["job_parked"], "language": "en", "url": url}

    answer = client.post(reverse("chat_webhook_add"), sent)

    assert answer.status_code == 422
    assert not ChatWebhook.objects.exists()


def test_a_channel_is_named_changed_tried_and_deleted_on_the_pages(client, admin, sent):
    form = {"name": "#cs", "style": "teams", "kinds": ["job_parked"], "language": "en", "url": URL, "is_enabled": "on"}
    answer = client.post(reverse("chat_webhook_add"), form)
    webhook = ChatWebhook.objects.get()
    assert answer["Location"] == reverse("chat_webhook_edit", args=[webhook.pk])

    client.post(answer["Location"], {**form, "name": "#new", "url": ""})
    client.post(reverse("chat_webhook_try", args=[webhook.pk]))
    work()
    assert sent[0][0]["attachments"][0]["content"]["body"][0]["text"].startswith("Mainstay writes")
    assert "#new" in client.get(reverse("chat_webhooks")).content.decode()
    assert "a try" in client.get(answer["Location"]).content.decode()
    client.post(reverse("chat_webhook_delete", args=[webhook.pk]))
    assert not ChatWebhook.objects.exists()


def test_a_session_that_has_been_open_for_long_is_asked_again(client):
    client.force_login(make_user("admin"))

    form = {"name": "#cs", "style": "slack", "kinds": ["job_parked"], "language": "en", "url": URL}
    assert client.post(reverse("chat_webhook_add"), form).status_code == 302
    assert not ChatWebhook.objects.exists()


def test_the_form_keeps_a_stored_address_and_needs_one_at_first(client, admin) -> None:
    webhook = make_webhook(admin)
    chat.save_webhook(by=admin, at=AT, webhook=webhook, name="#new", style="teams", kinds=["job_parked"], language="en")
    assert chat.address_of(webhook) == URL
    with pytest.raises(Refused):
        make_webhook(admin, name="#two", url="")
    with pytest.raises(Refused):
        make_webhook(admin, name="#new")
    with pytest.raises(Refused):
        make_webhook(admin, name="#three", kinds=["nonsense"])


def test_an_owner_hears_14_days_before_a_token_ends_and_once(admin) -> None:
    token, _text = create_token(by=admin, at=AT, name="Warehouse", scopes=["read"], days=10)
    create_token(by=admin, at=AT, name="Long", scopes=["read"], days=90)

    tell_of_expiring_tokens(at=AT)
    tell_of_expiring_tokens(at=AT)

    told = Notification.objects.get(user=admin)
    assert "Warehouse" in told.title
    assert told.cause == f"token:{token.pk}:expires"
