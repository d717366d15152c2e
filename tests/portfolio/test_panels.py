"""Does a person shape their pages for themselves alone, find the first steps, and get rid of the sample?"""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.actions.panels import hide_panel
from accounts.models import Account, AuditEvent, Contact, Organisation, Product, TimelineEntry, User
from common import jobs
from common.errors import Refused
from common.models import Job
from portfolio.actions import refresh_rows
from portfolio.actions.sample import ask_to_remove_sample, remove_sample
from portfolio.models import AccountRow
from revenue.models import ContractLine
from tests.factories import AT, make_account, make_line, make_product, make_user
from tests.integrations.test_chat import confirm
from usage.models import UsageEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def csm(client):
    user = make_user()
    client.force_login(user)
    make_account(user)
    refresh_rows(on=timezone.now().date())
    return user


def today(client):
    return client.get(reverse("today")).content.decode()


class TestPanels:
    def test_a_hidden_panel_is_gone_for_oneself_and_comes_back(self, client, csm):
        assert 'id="book"' in today(client)

        answer = client.post(reverse("panel_hide"), {"key": "today.book", "next": "/today/"})

        assert answer["Location"] == "/today/"
        assert 'id="book"' not in today(client)
        assert "1 panel is hidden." in today(client)
        other = make_user()
        make_account(other)
        refresh_rows(on=timezone.now().date())
        client.force_login(other)
        assert 'id="book"' in today(client)
        client.force_login(csm)
        client.post(reverse("panels_show"), {"page": "today", "next": "/today/"})
        assert 'id="book"' in today(client)
        assert "panel is hidden" not in today(client)

    def test_every_hide_button_of_the_pages_hides_its_panel(self, client, csm):
        import re

        account = Account.objects.get()
        for place in (reverse("today"), reverse("account_overview", args=[account.pk])):
            keys = re.findall(r'name="key" value="([a-z_.]+)"', client.get(place).content.decode())
            assert len(keys) >= 3
            for key in keys:
                client.post(reverse("panel_hide"), {"key": key, "next": place})
                assert f'value="{key}"' not in client.get(place).content.decode(), key
            assert "Show all" in client.get(place).content.decode()

    @pytest.mark.parametrize("key", ["", "today", "today.", "x" * 90 + ".y", "Today.Book", "a.b.c", "<script>.x"])
    def test_what_is_no_panel_is_refused(self, csm, key):
        with pytest.raises(Refused):
            hide_panel(key=key, by=csm, at=AT)

    def test_what_is_hidden_stays_bounded(self, csm):
        for number in range(130):
            hide_panel(key=f"today.{'x' * (number % 39 + 1)}{'y' * (number // 39)}"[:46], by=csm, at=AT)
        assert len(User.objects.get(pk=csm.pk).hidden_panels) <= 100


class TestFirstSteps:
    def test_an_admin_of_an_empty_installation_begins_there_and_a_done_step_is_ticked(self, client):
        client.force_login(make_user("admin"))
        assert client.get(reverse("home"))["Location"] == reverse("today")
        text = today(client)
        assert all(
            words in text for words in ("First steps", "0 of 5 done", "Connect usage", "Start the first playbook")
        )

        make_account()
        make_user()
        refresh_rows(on=timezone.now().date())
        assert "2 of 5 done" in today(client)
        assert client.get(reverse("home"))["Location"] == reverse("system_health")

    def test_each_step_leads_to_a_page(self, client):
        import re

        client.force_login(make_user("admin"))
        part = today(client).partition('class="checklist"')[2].partition("</ul>")[0]
        links = re.findall(r'href="([^"]+)"', part)
        assert len(links) == 5
        assert [client.get(link).status_code for link in links] == [200] * 5

    def test_it_can_be_put_away_and_is_not_for_others(self, client, csm):
        assert "First steps" not in today(client)
        admin = make_user("admin")
        client.force_login(admin)
        client.post(reverse("panel_hide"), {"key": "today.first_steps", "next": "/today/"})
        assert 'id="first-steps"' not in today(client)


class TestTheSample:
    def test_one_button_removes_the_sample_and_nothing_of_ones_own(self, client):
        call_command("load_demo", accounts=6, months=4, verbosity=0)
        admin = make_user("admin")
        client.force_login(admin)
        confirm(client, admin)
        text = today(client)
        assert "Sample data" in text
        assert "Remove the sample data?" in text, "it asks first"
        mine = make_account(admin, name="Really ours", created_at=timezone.now(), external_id="OURS-1")
        make_line(mine, product=make_product(name="Our product"))
        used = Product.objects.exclude(name="Our product").first()
        make_line(mine, product=used, external_id="L-2")
        people = User.objects.count()
        Job.objects.all().delete()

        answer = client.post(reverse("sample_remove"))
        assert answer["Location"] == reverse("today")
        while jobs.run_due(timezone.now()):
            pass

        assert list(Account.objects.values_list("name", flat=True)) == ["Really ours"]
        assert list(AccountRow.objects.values_list("name", flat=True)) == ["Really ours"]
        assert set(Product.objects.values_list("name", flat=True)) == {"Our product", used.name}
        assert (Contact.objects.count(), UsageEvent.objects.count(), TimelineEntry.objects.count()) == (0, 0, 0)
        assert ContractLine.objects.count() == 2
        assert User.objects.count() == people
        assert Organisation.load().sample_loaded_at is None
        assert AuditEvent.objects.filter(verb="sample.removed", actor=admin).exists()
        assert "Sample data" not in today(client)

    def test_without_a_sample_nothing_is_removed(self):
        admin = make_user("admin")
        make_account()

        with pytest.raises(Refused):
            ask_to_remove_sample(by=admin, at=AT)
        assert remove_sample(by=admin, at=AT) == 0
        assert Account.objects.count() == 1
