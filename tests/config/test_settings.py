"""Does a start with bad settings stop at once, and is a real installation's start clean?"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONG_KEY = "8vHq2Zt5-Wm9Rb3Xd7Kf1Ls6Pn4Yc0Jg_Ta8Ue2Io5Qr9Bv3Nx7Mz1"


def manage(tmp_path: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py as a stranger would start it: with these settings and no others."""
    return started(tmp_path, "manage.py", *arguments, **settings)


def started(tmp_path: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **settings}
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)


def test_a_web_server_has_loaded_its_pages_before_it_freezes_what_it_loaded(tmp_path: Path) -> None:
    told = "import gc, sys, config.wsgi; print(gc.get_freeze_count() > 100_000, 'portfolio.views' in sys.modules)"

    result = started(tmp_path, "-c", told, SECRET_KEY=LONG_KEY, ALLOWED_HOSTS="mainstay.example.org")

    assert result.stdout == "True True\n", result.stderr


@pytest.mark.parametrize(
    "key", [None, "", "short", "x" * 49, "changeme" * 10, "django-insecure-" + LONG_KEY, "Secret" + LONG_KEY]
)
def test_a_missing_short_or_well_known_secret_key_is_refused(tmp_path: Path, key: str | None) -> None:
    result = manage(tmp_path, "check", **({} if key is None else {"SECRET_KEY": key}))

    assert result.returncode != 0
    assert "SECRET_KEY is missing, short or well known" in result.stderr


def test_debug_needs_a_secret_key_as_well(tmp_path: Path) -> None:
    assert "SECRET_KEY is missing" in manage(tmp_path, "check", DEBUG="on").stderr


def test_the_deployment_check_of_a_real_installation_has_nothing_to_say(tmp_path: Path) -> None:
    result = manage(
        tmp_path,
        *("check", "--deploy", "--fail-level", "WARNING"),
        SECRET_KEY=LONG_KEY,
        SITE_URL="https://mainstay.example.org",
        ALLOWED_HOSTS="mainstay.example.org",
    )

    assert (result.returncode, result.stdout) == (0, "System check identified no issues (0 silenced).\n"), result.stderr


def test_the_deployment_check_does_complain_without_https(tmp_path: Path) -> None:
    result = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", SECRET_KEY=LONG_KEY)

    assert result.returncode != 0
    assert "security.W008" in result.stderr


def test_the_first_collecting_hashes_and_compresses_what_pages_name(tmp_path: Path) -> None:
    assert manage(tmp_path, "collectstatic", "--noinput", SECRET_KEY=LONG_KEY).returncode == 0

    told = "from django.templatetags.static import static; print(static('css/foundation.css'))"
    result = manage(tmp_path, "shell", "-v", "0", "-c", told, SECRET_KEY=LONG_KEY)
    name = result.stdout.strip().removeprefix("/static/")
    assert re.fullmatch(r"css/foundation\.[0-9a-f]{12}\.css", name), result
    assert (tmp_path / "static" / f"{name}.gz").exists()


@pytest.mark.parametrize(
    ("query", "options"), [("", "-c jit=off"), ("?options=-c%20statement_timeout%3D9000", "-c statement_timeout=9000")]
)
def test_postgresql_compiles_no_statement_unless_one_says_so(tmp_path: Path, query: str, options: str) -> None:
    told = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS']['options'])"
    database = f"postgres://mainstay@localhost/mainstay{query}"
    result = manage(
        tmp_path, "shell", "-v", "0", "--no-imports", "-c", told, SECRET_KEY=LONG_KEY, DATABASE_URL=database
    )
    assert result.stdout.strip() == options, result.stderr
