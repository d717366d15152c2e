"""How long from an empty folder to a page that says what to do today, with the sample data?

Five steps: the command, the address, the e-mail address, the password, *Sign in*. What the machine does in between is
timed from the start of the command to the filled page of a CSM. The other way, one folder of CSV files, is walked and
timed by tests/journeys/test_first_value.py.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

STEPS = ("command", "address", "e-mail", "password", "sign in")
MOST_SECONDS = 600
ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def is_up(address: str) -> bool:
    """Whether the server answers."""
    try:
        with urllib.request.urlopen(f"{address}/healthz/", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def signed_in_page(address: str, email: str, password: str) -> str:
    """What a person sees right after signing in."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = opener.open(f"{address}/sign-in/login/").read().decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    if found is None:
        sys.exit("The sign-in page has no form.")
    sent = urllib.parse.urlencode({"login": email, "password": password, "csrfmiddlewaretoken": found[1]})
    request = urllib.request.Request(f"{address}/sign-in/login/", sent.encode(), {"Referer": address})  # noqa: S310
    page: str = opener.open(request).read().decode()
    return page


def wait_for(address: str, demo: subprocess.Popen[bytes]) -> None:
    """Wait until the demo answers; say so when it has ended or takes too long."""
    begun = time.monotonic()
    while not is_up(address):
        if demo.poll() is not None or time.monotonic() - begun > MOST_SECONDS:
            sys.exit("The demo did not start.")
        time.sleep(0.5)


def main() -> int:
    """Start the demo in an empty folder, sign in as a CSM, and look at Today."""
    argparse.ArgumentParser(description=__doc__).parse_known_args()
    port = free_port()
    address, folder = f"http://127.0.0.1:{port}", Path(os.environ["DATA_DIR"])
    begun = time.monotonic()
    env = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1"}
    demo = subprocess.Popen([sys.executable, ROOT / "run.py", "demo"], env=env, stdout=subprocess.DEVNULL)
    try:
        wait_for(address, demo)
        password = (folder / "demo_password").read_text(encoding="utf-8").strip()
        page = signed_in_page(address, "jonas.weber@demo.invalid", password)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(timeout=30)
    first = page.partition('id="first"')[2].partition("</section>")[0]
    rows = first.count('class="row"')
    seconds = time.monotonic() - begun
    print(f"first value, sample data: {len(STEPS)} steps, {seconds:.0f} s, {rows} recommendations")
    return 0 if rows and seconds <= MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
