"""How do the benchmarks of every day's pages get their book and a real server?"""

from __future__ import annotations

import argparse
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from _daily_book import is_stored, store_book
from _measure import timed
from django.conf import settings
from django.core.management import call_command

from accounts.models import Account

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 300


def make_book(given: argparse.Namespace) -> None:
    """Make the tables and the book, unless they are kept from before."""
    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("createcachetable", verbosity=0)
    if Account.objects.exists():
        if not given.keep or not is_stored(given.accounts, given.events):
            sys.exit("The benchmark needs an empty database of its own, or the same book from before (--keep).")
        return
    seconds = timed(lambda: store_book(given.accounts, given.events, lambda what: print(f"  stored: {what}")))
    print(f"book stored in {seconds:.0f} s", flush=True)


@contextmanager
def server(port: int, workers: int = 1) -> Iterator[None]:
    """Run the web server with collected files until the end."""
    if _answers(port):
        sys.exit(f"Something answers on port {port} already: name another by --port.")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "bench")])}
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
        subprocess.run(collect, cwd=ROOT, env=env, check=True)
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(workers), "--blocking-threads", "4", "--log-level", "warning"]
    process = subprocess.Popen([*command, "_daily_server:application"], cwd=ROOT, env=env)
    try:
        until = time.monotonic() + READY_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > until:
                sys.exit("The server did not start.")
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()


def _answers(port: int) -> bool:
    with suppress(OSError):
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        asked.request("GET", "/healthz/")
        return asked.getresponse().status == 200
    return False
