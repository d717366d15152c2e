"""Where do the tests get a real PostgreSQL, Redis and browser? The servers run on sockets in a folder of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from common.processes import end_with_parent

READY_WITHIN_SECONDS = 30


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Lend a folder that other users may pass through, with a short name: the path of a socket has little room."""
    with tempfile.TemporaryDirectory(prefix="mainstay-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def program(name: str) -> str:
    """Find a server's program, also where Debian keeps PostgreSQL's."""
    places = [*map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), os.environ.get("PATH", "")]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        sys.exit(f"{name} is not installed. On Debian: apt-get install postgresql-15 redis-server")
    return found


def chromium_program() -> str | None:
    """Find Chromium, or None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextlib.contextmanager
def running(command: list[str], folder: Path, ready: Path, **owner: Any) -> Iterator[None]:
    """Run a server for a while, from the moment its socket is there."""
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=output,
            stderr=output,
            preexec_fn=partial(end_with_parent, signal.SIGINT),
            **owner,
        )
    try:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{command[0]} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        yield
    finally:
        # For PostgreSQL this is the fast stop: it does not wait for clients.
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL of our own and give its DATABASE_URL."""
    home = folder / "pg"
    home.mkdir()
    # PostgreSQL refuses to run as root, so root starts it as the user whom Debian's package makes.
    owner: dict[str, Any] = {}
    if os.geteuid() == 0:
        owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(home, "postgres", "postgres")
    initdb = [program("initdb"), "-D", str(home / "data"), "-U", "mainstay", "--auth=trust", "--encoding=UTF8"]
    initdb += ["--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    made = subprocess.run(initdb, cwd=home, check=False, capture_output=True, text=True, **owner)
    if made.returncode:
        sys.exit(f"initdb failed:\n{made.stdout}{made.stderr}")
    command = [program("postgres"), "-D", str(home / "data"), "-k", str(home), "-c", "listen_addresses="]
    # What the tests write may be lost with the power: that halves the time.
    command += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
    with running(command, home, home / ".s.PGSQL.5432.lock", **owner):
        wait_for_postgres(home)
        yield f"postgres://mainstay@/postgres?host={home}"


def wait_for_postgres(socket_folder: Path) -> None:
    """Wait until PostgreSQL takes connections: its socket is there a moment earlier."""
    ask = [program("pg_isready"), "-q", "-h", str(socket_folder)]
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while subprocess.run(ask, check=False).returncode != 0:
        if time.monotonic() > deadline:
            sys.exit("PostgreSQL takes no connections.")
        time.sleep(0.05)


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[tuple[str, str]]:
    """Run a Redis of our own and give its BROKER_URL and CACHE_URL."""
    home = folder / "redis"
    home.mkdir()
    path = home / "socket"
    command = [program("redis-server"), "--port", "0", "--unixsocket", str(path), "--dir", str(home)]
    with running([*command, "--save", "", "--maxmemory-policy", "noeviction"], home, path):
        yield f"redis+socket://{path}?virtual_host=0", f"unix://{path}?db=1"
