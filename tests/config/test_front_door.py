"""Does `run.py` speak clearly, with nothing installed and nothing set?"""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

import run

ROOT = Path(run.__file__).parent


def front_door(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Call run.py with an empty environment, without any installed package."""
    command = [sys.executable, "-S", "-E", "run.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)


def test_called_alone_it_lists_its_targets() -> None:
    listed = front_door()

    assert listed.returncode == 0
    assert [line.split()[0] for line in listed.stdout.splitlines()[2:]] == list(run.TARGETS)


def test_an_unknown_target_is_refused_with_the_list() -> None:
    assert front_door("dmeo").returncode == 2


@pytest.mark.parametrize("port", ["", "http", "0", "65536", "８０００"])
def test_the_demo_refuses_a_port_that_is_none(port: str) -> None:
    refused = front_door("demo", PORT=port)

    assert refused.returncode == 1
    assert "PORT must be a number from 1 to 65535" in refused.stderr


@pytest.mark.enable_socket
def test_the_demo_says_when_the_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = front_door("demo", PORT=str(port))

    assert refused.returncode == 1
    assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use." in refused.stderr


def test_no_setting_of_an_installation_reaches_a_test_run() -> None:
    assert {"DATABASE_URL", "BROKER_URL", "SECRET_KEY", "DATA_DIR", "SITE_URL"} <= run.settings_variables()


def test_a_lock_that_changed_is_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "VENV", tmp_path)
    monkeypatch.setattr(run, "REQUIREMENTS", tmp_path)
    for level in run.LEVELS:
        (tmp_path / f"{level}.txt").write_text(level)
    (tmp_path / "installed").write_text(run.lock_hash("dev"))

    assert (run.is_installed("base"), run.is_installed("dev"), run.is_installed("browser")) == (True, True, False)
    (tmp_path / "dev.txt").write_text("changed")
    assert not run.is_installed("base")


def test_the_secret_key_is_made_once_and_is_the_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "RUN", tmp_path)

    assert run.secret_key() == run.secret_key()
    assert len(run.secret_key()) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
