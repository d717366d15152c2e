"""Does an admin bring a book in by pages, safely, and nobody else?"""

import datetime as dt
import io
import os
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, AuditEvent
from common import jobs
from common.models import Job
from portfolio.actions import imports as actions
from portfolio.importing import uploads
from portfolio.models import BookImport
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)
ACCOUNTS = "external_id,name,currency\nA-1,Acme,EUR\nA-2,Bolt,USD\nA-3,,USD\n"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def admin(client):
    user = make_user("admin")
    client.force_login(user)
    return user


def file(content=ACCOUNTS, name="accounts.csv"):
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def zipped(files):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def upload(client, *files, **fields):
    return client.post(reverse("import_book"), {"book": list(files)} | fields)


def work():
    """Let the worker do what is due of the imports."""
    while jobs.run_due(timezone.now()):
        pass


def previewed(client, *files, **fields):
    """Upload a book and have it read."""
    answer = upload(client, *(files or [file()]), **fields)
    assert answer.status_code == 302
    work()
    return BookImport.objects.select_related("job").order_by("-at").first()


def page(client, found):
    answer = client.get(reverse("import_run", args=[found.pk]))
    assert answer.status_code == 200
    return answer.content.decode().partition("<main")[2]


def test_a_book_is_previewed_confirmed_and_in(client, admin):
    answer = upload(client, file())
    found = BookImport.objects.get()
    assert answer["Location"] == reverse("import_run", args=[found.pk])
    assert "Nothing is written before you confirm" in page(client, found)

    work()
    found.refresh_from_db()
    text = page(client, found)
    assert found.stage == "ready"
    assert Account.objects.count() == 0
    assert "Import 2 rows" in text
    assert "UTF-8" in text
    assert "is missing" in text

    client.post(reverse("import_confirm", args=[found.pk]))
    assert Account.objects.count() == 0
    work()
    found.refresh_from_db()
    assert found.stage == "done", found.refusal
    assert sorted(Account.objects.values_list("name", flat=True)) == ["Acme", "Bolt"]
    assert "The book is in" in page(client, found)
    verbs = list(AuditEvent.objects.filter(verb__startswith="book.").order_by("pk").values_list("verb", "actor"))
    assert verbs == [("book.uploaded", admin.pk), ("book.confirmed", admin.pk), ("book.imported", admin.pk)]
    listed = client.get(reverse("import_book")).content.decode()
    assert "2 new, 0 changed, 0 the same, 1 rejected" in listed


def test_the_same_files_again_have_nothing_to_import(client, admin):
    first = previewed(client)
    client.post(reverse("import_confirm", args=[first.pk]))
    work()

    again = previewed(client)

    text = page(client, again)
    assert "nothing to import" in text
    assert reverse("import_confirm", args=[again.pk]) not in text


def test_all_rejected_rows_can_be_downloaded_harmlessly(client, admin):
    found = previewed(client, file("external_id,name,currency\nA-1,Acme,=1+1\nA-2,,USD\n"))

    answer = client.get(reverse("import_rejects", args=[found.pk]))

    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeffFile,Row,Column,Reason,Table")
    assert "accounts.csv,3,name" in text
    assert text.count("\n") == 3


def test_two_clicks_on_upload_make_one_import_and_two_on_import_one_run(client, admin):
    key = {"form_key": "a" * 32}
    first, second = upload(client, file(), **key), upload(client, file(), **key)
    assert first["Location"] == second["Location"]
    work()
    found = BookImport.objects.get()

    for other in ("b" * 32, "b" * 32, "c" * 32):
        client.post(reverse("import_confirm", args=[found.pk]), {"form_key": other})

    assert Job.objects.filter(task="portfolio.apply_import").count() == 1
    work()
    assert Account.objects.count() == 2


def test_a_preview_that_is_not_ready_cannot_be_confirmed(client, admin):
    upload(client, file())
    found = BookImport.objects.get()

    answer = client.post(reverse("import_confirm", args=[found.pk]), follow=True)

    assert "not ready" in answer.content.decode()
    assert not Job.objects.filter(task="portfolio.apply_import").exists()


def test_one_book_is_imported_at_a_time(client, admin):
    first, second = previewed(client), previewed(client, file(ACCOUNTS.replace("A-", "B-")))
    client.post(reverse("import_confirm", args=[first.pk]))

    answer = client.post(reverse("import_confirm", args=[second.pk]), follow=True)

    assert "Another book is being imported" in answer.content.decode()


def test_the_page_asks_again_while_it_waits_and_stops_when_the_work_is_done(client, admin):
    upload(client, file())
    address = reverse("import_run", args=[BookImport.objects.get().pk])
    whole, part = client.get(address), client.get(address, **HTMX)
    assert 'hx-trigger="every 2s"' in whole.content.decode()
    assert "Waiting for its turn" in part.content.decode()
    assert "<main" not in part.content.decode()
    assert part.content.decode().strip() in whole.content.decode()

    work()

    done = client.get(address, **HTMX)
    assert (done["HX-Retarget"], done["HX-Reselect"]) == ("#main", "#main")
    assert "<main" in done.content.decode()
    assert "hx-trigger" not in client.get(address).content.decode().partition("<main")[2]


def test_the_bar_shows_how_far_the_work_is(client, admin):
    upload(client, file())
    found = BookImport.objects.get()
    lease = timezone.now() + dt.timedelta(minutes=5)
    Job.objects.filter(pk=found.job_id).update(state="running", lease_until=lease, progress=250, total=1000)

    text = page(client, found)

    assert 'value="25.0"' in text
    assert "250 of 1,000 rows" in text


def test_a_job_that_was_given_up_says_why_and_can_be_tried_again(client, admin):
    upload(client, file())
    found = BookImport.objects.get()
    now = timezone.now()
    Job.objects.filter(pk=found.job_id).update(state="parked", last_error="OperationalError: disk", finished_at=now)
    text = page(client, found)
    assert "OperationalError: disk" in text
    assert "Nothing was written" in text

    client.post(reverse("import_retry", args=[found.pk]))
    work()

    found = BookImport.objects.get()
    assert found.stage == "ready"


def test_a_date_that_could_mean_two_days_is_asked_about_and_read_as_answered(client, admin):
    book = "external_id,name,currency,signed_on\nA-1,Acme,EUR,03/04/2026\n"
    found = previewed(client, file(book))
    assert "How are the files written?" in page(client, found)

    client.post(reverse("import_read_again", args=[found.pk]), {"dates": "DMY"})
    work()
    found = BookImport.objects.get()
    client.post(reverse("import_confirm", args=[found.pk]))
    work()

    assert Account.objects.get().signed_on == dt.date(2026, 4, 3)


def test_a_mapping_of_ones_own_names_the_columns(client, admin):
    mapping = '[files.c]\npath = "clients.csv"\n[[load]]\ntarget = "accounts"\nfrom = "c"\n[load.columns]\n'
    mapping += 'external_id = "id"\nname = "client"\ncurrency = { text = "USD" }\n'
    clients = file("id,client\n7,Acme\n", "clients.csv")

    found = previewed(client, clients, own_mapping=file(mapping, "ours.toml"))

    assert found.plan["totals"]["new"] == 1, found.refusal
    assert found.mapping == "ours.toml"


def test_an_example_of_a_mapping_can_be_chosen(client, admin):
    found = previewed(client, file(), shipped_mapping="ravenstack")

    assert found.mapping == "ravenstack.toml"
    assert found.stage == "refused"


def test_a_zip_brings_its_files(client, admin):
    held = zipped({"book/accounts.csv": ACCOUNTS, "__MACOSX/book/x": "noise", "book/.hidden": "noise"})

    found = previewed(client, file(held, "book.zip"))

    assert [name for name, _size in found.files] == ["accounts.csv"]
    assert found.plan["totals"]["new"] == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("accounts.csv", b"", "The file is empty."),
        ("accounts.xlsm", b"PK\x03\x04", "macros"),
        ("x.svg", b"<svg onload='alert(1)'/>", "is not a name of"),
        ("a.php.png", b"\x89PNG", "is not a name of"),
        ("book.zip", b"PK\x03\x04 broken", "damaged"),
        ("book.zip", zipped({"../../evil.csv": "a"}), "leads out of the archive"),
        ("book.zip", zipped({"/etc/evil.csv": "a"}), "leads out of the archive"),
        ("book.zip", zipped({"inner.zip": zipped({"a.csv": "a"})}), "is not a name of"),
        ("book.zip", zipped({"accounts.csv": b"0" * (20 * 2**20)}), "unpacks to 20 MB"),
        ("book.zip", zipped({}), "has no files"),
    ],
)
def test_a_hostile_upload_is_refused_with_a_reason_and_leaves_nothing(client, admin, name, content, words):
    answer = upload(client, file(content, name))

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not BookImport.objects.exists()
    assert list(uploads.root().glob("*")) == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("accounts.csv", b"\x89PNG\r\n\x1a\n", "PNG file"),
        ("accounts.csv", zipped({"a.txt": "x"}), "ZIP archive"),
        ("accounts.csv", b"external_id,name\n", "No file"),
        ("accounts.xlsx", b"name\n", "not an Excel file"),
        ("accounts.csv", b"external_id\nA-1\n", "is missing"),
        ("passwd.csv", b"a,b\n1,2\n", "none of the known files"),
    ],
)
def test_what_is_no_table_is_refused_by_the_trial_in_words(client, admin, name, content, words):
    found = previewed(client, file(content, name))

    assert found.stage == "refused"
    assert words in page(client, found)
    client.post(reverse("import_confirm", args=[found.pk]))
    assert not Job.objects.filter(task="portfolio.apply_import").exists()


def test_a_name_with_a_way_in_it_is_kept_without_it(client, admin):
    upload(client, file(name="..\\..\\accounts.csv"))

    found = BookImport.objects.get()
    assert [path.name for path in uploads.folder_of(found.pk.hex).iterdir()] == ["accounts.csv"]


def test_more_than_the_limit_is_passed_over_unread(client, admin, settings):
    settings.IMPORT_MAX_BYTES = 2**20

    answer = upload(client, file(b"x" * (2 * 2**20)))

    assert answer.status_code == 422
    assert "larger than 1 MB together" in answer.content.decode()


def test_no_file_is_asked_for(client, admin):
    text = client.post(reverse("import_book")).content.decode()

    assert "Choose a file." in text
    assert text.count("<title>Error:") == 1


@pytest.mark.parametrize("role", ["csm", "cs_manager", "product_manager", "viewer"])
def test_it_is_not_there_for_anybody_else(client, admin, role):
    found = previewed(client)
    client.force_login(make_user(role))

    addresses = [reverse("import_book"), reverse("import_template", args=["accounts"])]
    addresses += [reverse(name, args=[found.pk]) for name in ("import_run", "import_rejects")]
    posts = [reverse(name, args=[found.pk]) for name in ("import_confirm", "import_retry", "import_read_again")]

    assert {client.get(address).status_code for address in addresses} == {404}
    assert {client.post(address).status_code for address in [addresses[0], *posts]} == {404}
    assert "/settings/import/" not in client.get(reverse("settings_home")).content.decode()
    assert not Job.objects.filter(task="portfolio.apply_import").exists()


def test_who_lost_the_right_after_confirming_imports_nothing(client, admin):
    found = previewed(client)
    client.post(reverse("import_confirm", args=[found.pk]))
    type(admin).objects.filter(pk=admin.pk).update(role="csm")

    work()

    assert Account.objects.count() == 0
    assert "may no longer import" in BookImport.objects.get().refusal


def test_a_template_has_our_columns(client, admin):
    answer = client.get(reverse("import_template", args=["accounts"]))

    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeffexternal_id,name,")
    assert client.get(reverse("import_template", args=["users"])).status_code == 404


def test_the_list_of_imports_costs_the_same_for_one_and_many(client, admin):
    previewed(client)
    client.get(reverse("import_book"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("import_book"))
    for _number in range(5):
        previewed(client)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("import_book"))
    assert 0 < len(one) == len(many)


def test_an_empty_book_of_accounts_leads_an_admin_to_the_import(client, admin):
    assert reverse("import_book") in client.get(reverse("account_list")).content.decode()


def test_files_are_deleted_after_thirty_days_and_so_are_folders_without_an_import(client, admin):
    old, new = previewed(client), previewed(client)
    at = timezone.now()
    BookImport.objects.filter(pk=old.pk).update(at=at - dt.timedelta(days=31))
    stray = uploads.new_folder()
    long_ago = (at - dt.timedelta(days=2)).timestamp()
    os.utime(stray, (long_ago, long_ago))

    assert actions.forget_imports(at=at) == 2

    assert [path.name for path in uploads.root().iterdir()] == [new.pk.hex]
    old.refresh_from_db()
    assert old.plan["rejects"] == []
    assert "The files were deleted" in page(client, old)
    assert client.get(reverse("import_rejects", args=[old.pk])).status_code == 404
    answer = client.post(reverse("import_confirm", args=[old.pk]), follow=True)
    assert "are gone" in answer.content.decode()
