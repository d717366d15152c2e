"""Is each person told what concerns them, once, as they want to hear of it, and never what they may not see?"""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core import mail as outbox
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import mails, notifications
from accounts.actions.handoff import accept_handoff, return_handoff, submit_handoff
from accounts.models import Mail, Notification, NotificationChoice, Organisation, ServiceAssignment, User, Way
from accounts.queries.notifications import kinds, kinds_for
from accounts.tasks import send_digests, tell_of_parked_jobs
from common import jobs
from common.errors import Refused
from common.models import Job
from tests.factories import AT, make_account, make_handoff, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def csm(client):
    user = make_user()
    client.force_login(user)
    return user


def tell(*people, kind="news", cause="c:1", title="Something happened", at=AT, **more):
    return notifications.notify_people(people, kind=kind, title=title, cause=cause, at=at, **more)


def choose(person, kind, way):
    NotificationChoice.objects.create(user=person, kind=kind, way=way)


def work(rounds=6):
    """Do what is due in the background."""
    for _round in range(rounds):
        if not jobs.run_due(timezone.now()):
            return


class TestTelling:
    def test_the_same_cause_is_told_once_and_counted_at_the_bell(self, csm) -> None:
        tell(csm)
        tell(csm)
        tell(csm, cause="c:2")

        csm.refresh_from_db()
        assert (Notification.objects.count(), csm.unread_count) == (2, 2)

    def test_each_reads_it_in_their_own_language(self) -> None:
        from django.utils.translation import gettext

        english, chinese = make_user(language="en"), make_user(language="zh-hans")
        tell(english, chinese, title=lambda: gettext("Accounts"))

        assert Notification.objects.get(user=english).title == "Accounts"
        assert Notification.objects.get(user=chinese).title != "Accounts"

    def test_who_wants_nothing_of_a_kind_gets_nothing_and_who_left_neither(self, csm) -> None:
        choose(csm, "news", Way.OFF)
        tell(csm, make_user(is_active=False))

        assert not Notification.objects.exists()

    def test_many_are_told_in_a_few_statements(self) -> None:
        counts = []
        # What a process reads once and keeps is read before it is counted.
        tell(make_user(), kind="handoff_waiting", cause="many:before")
        # SQLite takes 999 values in one statement: more than fifty-odd jobs are two.
        for number in (1, 50):
            people = [make_user() for _each in range(number)]
            with CaptureQueriesContext(connection) as queries:
                tell(*people, kind="handoff_waiting", cause=f"many:{number}")
            counts.append(len(queries))

        assert counts[0] == counts[1] <= 14


class TestThePage:
    def test_it_lists_ones_own_and_marks_what_is_new(self, client, csm) -> None:
        tell(csm, title="Mine", url="/accounts/")
        tell(make_user(), title="Somebody else’s")

        page = client.get(reverse("notifications")).content.decode()
        assert "Mine" in page
        assert "Somebody else" not in page
        assert "Notifications: 1 unread" in page

    def test_what_speaks_of_an_account_that_is_no_longer_theirs_is_gone(self, client, csm) -> None:
        account = make_account(csm, name="Zephyr")
        tell(csm, title="Zephyr fell", account=account)
        ServiceAssignment.objects.filter(account=account).update(ended_on=dt.date(2026, 1, 1))

        assert "Zephyr" not in client.get(reverse("notifications")).content.decode()
        one = Notification.objects.get()
        assert client.post(reverse("notification_open", args=[one.pk])).status_code == 404

    def test_opening_one_marks_it_read_and_leads_to_its_place(self, client, csm) -> None:
        tell(csm, url="/accounts/?band=red")
        one = Notification.objects.get()

        answer = client.post(reverse("notification_open", args=[one.pk]))

        assert answer["Location"] == "/accounts/?band=red"
        csm.refresh_from_db()
        one.refresh_from_db()
        assert one.read_at is not None
        assert csm.unread_count == 0

    def test_an_address_elsewhere_is_not_followed(self, client, csm) -> None:
        tell(csm, url="https://evil.example/")

        answer = client.post(reverse("notification_open", args=[Notification.objects.get().pk]))

        assert answer["Location"] == reverse("notifications")

    def test_all_are_read_at_once(self, client, csm) -> None:
        for number in range(3):
            tell(csm, cause=f"c:{number}")

        client.post(reverse("notifications_read_all"))

        csm.refresh_from_db()
        assert csm.unread_count == 0
        assert not Notification.objects.unread().exists()

    def test_a_list_costs_the_same_for_one_and_for_fifty(self, client, csm) -> None:
        client.get(reverse("notifications"))
        counts = []
        for number in (1, 50):
            for place in range(number):
                account = make_account(csm)
                tell(csm, cause=f"{number}:{place}", account=account)
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("notifications"))
            counts.append(len(queries))

        assert counts[0] == counts[1]

    @pytest.mark.parametrize("query", ["kind=nonsense", "unread=perhaps", "after=%%%", "after=AAAA"])
    def test_odd_addresses_are_answered(self, client, csm, query) -> None:
        assert client.get(f"{reverse('notifications')}?{query}").status_code == 200

    def test_the_ways_are_chosen_on_a_form_and_only_those_that_there_are(self, client, csm) -> None:
        page = client.get(reverse("notification_settings")).content.decode()
        assert "job_parked" not in page, "it is for admins"
        sent = {**dict.fromkeys([kind.key for kind in kinds_for(csm)], "app"), "warning_opened": "off"}

        assert client.post(reverse("notification_settings"), sent).status_code == 302
        assert NotificationChoice.objects.get(user=csm, kind="warning_opened").way == "off"
        wrong = client.post(reverse("notification_settings"), {**sent, "warning_opened": "pigeon"})
        assert wrong.status_code == 422
        with pytest.raises(Refused):
            notifications.choose_ways(by=csm, at=AT, ways={"job_parked": "app"})


class TestMailAtOnce:
    def test_a_burst_is_one_mail_and_it_goes_once(self, csm, settings) -> None:
        settings.SITE_URL = "https://mainstay.example"
        choose(csm, "news", Way.AT_ONCE)
        for number in range(3):
            tell(csm, cause=f"c:{number}", title=f"Thing {number}", url=f"/accounts/{number}/")

        work()
        work()

        assert [one.subject for one in outbox.outbox] == ["Mainstay: 3 things for you"]
        text = outbox.outbox[0].body
        assert "https://mainstay.example/accounts/2/" in text
        assert "https://mainstay.example/settings/notifications/" in text
        assert Mail.objects.get().state == Mail.State.SENT

    def test_a_title_with_a_line_break_starts_no_header(self, csm) -> None:
        choose(csm, "news", Way.AT_ONCE)
        tell(csm, title="Hello\nBcc: all@example.com")

        work()

        assert outbox.outbox[0].subject == "Hello Bcc: all@example.com"
        assert outbox.outbox[0].bcc == []

    def test_it_leaves_out_what_the_person_may_no_longer_see(self, csm) -> None:
        choose(csm, "news", Way.AT_ONCE)
        account = make_account(csm, name="Zephyr")
        tell(csm, title="Zephyr fell", account=account)
        tell(csm, title="The other thing", cause="c:2")
        ServiceAssignment.objects.filter(account=account).update(ended_on=dt.date(2026, 1, 1))

        work()

        assert "Zephyr" not in str(outbox.outbox[0].message())

    def test_a_mail_that_began_is_not_sent_again_when_the_worker_died(self, csm) -> None:
        choose(csm, "news", Way.AT_ONCE)
        tell(csm)
        mail = mails.write_mail(user_id=csm.pk, at=AT)
        assert mail is not None
        Mail.objects.update(state=Mail.State.SENDING, started_at=AT)

        assert mails.send_mail(mail_id=mail.pk, at=AT) == Mail.State.UNCERTAIN
        assert outbox.outbox == []


class TestDigest:
    @pytest.fixture
    def berlin(self):
        Organisation.objects.update_or_create(
            pk=1, defaults={"time_zone": "Europe/Berlin", "digest_at": dt.time(7), "name": "Us"}
        )

    def moments(self, start, hours):
        return [start + dt.timedelta(minutes=15 * number) for number in range(hours * 4)]

    @pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24", "2026-06-01"])
    @pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Shanghai", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
    def test_each_day_of_the_organisation_brings_one_mail_also_when_clocks_change(self, csm, day, zone) -> None:
        Organisation.objects.update_or_create(pk=1, defaults={"time_zone": zone, "digest_at": dt.time(2, 30)})
        choose(csm, "news", Way.DIGEST)
        start = dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")
        for number, at in enumerate(self.moments(start, 72)):
            tell(csm, cause=f"c:{number}", at=at)
            mails.write_digests(at=at)

        days = list(Mail.objects.order_by("digest_on").values_list("digest_on", flat=True))
        assert len(days) == len(set(days)) == 4
        assert days == [days[0] + dt.timedelta(days=number) for number in range(4)]

    def test_it_waits_for_the_hour_and_leaves_out_what_is_read(self, csm, berlin) -> None:
        choose(csm, "news", Way.DIGEST)
        with time_machine.travel(dt.datetime(2026, 6, 15, 3, tzinfo=dt.UTC), tick=False):
            tell(csm, title="Read already", cause="c:1", at=timezone.now())
            tell(csm, title="Still new", cause="c:2", at=timezone.now())
            send_digests()  # 05:00 in Berlin: the mail of the day before is due, so it goes now
            assert Mail.objects.get().digest_on == dt.date(2026, 6, 14)
        tell(csm, title="Later", cause="c:3")
        read, new = Notification.objects.get(cause="c:3"), tell(csm, title="Newest", cause="c:4")
        assert new
        notifications.read_notification(notification=read, by=csm, at=AT)
        with time_machine.travel(dt.datetime(2026, 6, 15, 5, tzinfo=dt.UTC), tick=False):
            send_digests()
            work()
        texts = [one.body for one in outbox.outbox]
        assert len(texts) == 2
        assert "Newest" in texts[1]
        assert "Later" not in texts[1]


class TestWhoIsTold:
    def test_a_handoff_waits_for_its_owner_and_the_answer_goes_back(self) -> None:
        owner, seller = make_user(), make_user()
        account = make_account(owner, name="Boreal")
        make_handoff(account)

        submit_handoff(account=account, by=seller, at=AT)
        told = Notification.objects.get(user=owner)
        assert (told.kind, told.url) == ("handoff_waiting", reverse("account_handoff", args=[account.pk]))
        assert told.way == Way.AT_ONCE
        return_handoff(account=account, reasons="No goals.", by=owner, at=AT)
        assert Notification.objects.get(user=seller).body == "No goals."
        submit_handoff(account=account, by=seller, at=AT)
        accept_handoff(account=account, by=owner, at=AT)
        assert Notification.objects.filter(user=owner).count() == 2
        assert Notification.objects.filter(user=seller, kind="handoff_answered").count() == 2

    def test_without_an_owner_the_managers_who_see_the_account_are_told(self) -> None:
        team = make_team()
        near, far = make_user("cs_manager", team=team), make_user("cs_manager", team=make_team())
        account = make_account()
        ServiceAssignment.objects.create(
            account=account, user=make_user(team=team), role="tam", started_on=dt.date(2020, 1, 1)
        )
        make_handoff(account)

        submit_handoff(account=account, by=make_user(), at=AT)

        assert list(Notification.objects.values_list("user", flat=True)) == [near.pk]
        assert far.pk != near.pk

    def test_admins_hear_of_work_that_was_given_up_once_and_not_by_mail_of_mails(self) -> None:
        admin = make_user("admin")
        make_user()
        now = timezone.now()
        job = Job.objects.create(task="x.y", state="parked", finished_at=now, last_error="Broken", claim=5)
        for number in range(3):
            Job.objects.create(
                task="accounts.send_mail", state="parked", finished_at=now, claim=1, last_error=f"{number}"
            )

        tell_of_parked_jobs()
        tell_of_parked_jobs()

        told = {one.cause: one.way for one in Notification.objects.filter(user=admin)}
        assert told[f"job:{job.pk}:5"] == Way.AT_ONCE
        assert [way for cause, way in told.items() if "send_mail" in cause] == [Way.APP]
        assert len(told) == 2
        assert User.objects.get(pk=admin.pk).unread_count == 2

    def test_an_admin_starts_given_up_work_again(self, client) -> None:
        admin = make_user("admin")
        client.force_login(admin)
        job = Job.objects.create(task="x.y", state="parked", finished_at=AT, last_error="Broken pipe")

        assert "Broken pipe" in client.get(reverse("parked_jobs")).content.decode()
        client.post(reverse("parked_job_retry", args=[job.pk]))

        job.refresh_from_db()
        assert job.state == "queued"


def test_old_ones_are_forgotten(csm) -> None:
    tell(csm, at=AT - dt.timedelta(days=200))
    tell(csm, cause="c:2")

    assert notifications.forget_old(at=AT) == 1
    csm.refresh_from_db()
    assert csm.unread_count == 1


def test_the_api_gives_ones_own_and_marks_them_read(client, csm) -> None:
    tell(csm, title="Mine")
    tell(make_user(), title="Other")
    one = Notification.objects.get(user=csm)

    found = client.get("/api/v1/notifications/?unread=true").json()["results"]
    assert [row["title"] for row in found] == ["Mine"]
    answer = client.post(f"/api/v1/notifications/{one.pk}/read/", content_type="application/json")
    assert (answer.status_code, answer.json()["read_at"] is not None) == (200, True)
    assert client.post("/api/v1/notifications/read-all/", content_type="application/json").status_code == 204


def test_every_kind_that_is_told_is_named_for_people() -> None:
    from tests.architecture.sources import dotted, modules, nodes, place

    named = {kind.key for kind in kinds()}
    told = {
        f"{place(file)}: {keyword.value.value}"
        for file in modules()
        for node in nodes(file, "Call")
        if dotted(node.func) in ("notify_people", "Notice", "actions.notify_people")
        for keyword in node.keywords
        if keyword.arg == "kind" and hasattr(keyword.value, "value") and keyword.value.value not in named
    }
    assert told == set()
    assert len(named) >= 12
