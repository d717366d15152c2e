"""What is a benchmark of every day's pages told, and what do the settings have to know before Django is set up?"""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def asked_for(text: str, **more: dict[str, object]) -> argparse.Namespace:
    """Read the arguments, and set what the settings read: call it before Django is set up."""
    parser = argparse.ArgumentParser(description=text)
    parser.add_argument("--accounts", type=int, default=120)
    parser.add_argument("--events", type=int, help="product events; a thousand for each account unless given")
    parser.add_argument("--rounds", type=int, default=3, help="how often each page is asked for; 40 say what a p95 is")
    parser.add_argument("--keep", type=Path, help="folder in which the book stays")
    parser.add_argument("--port", type=int, default=8103)
    for name, how in more.items():
        parser.add_argument(f"--{name}", **how)  # type: ignore[arg-type]
    given, _ = parser.parse_known_args()
    given.events = given.events or given.accounts * 1_000
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
        os.environ["DATA_DIR"] = str(given.keep.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # The server speaks plain HTTP to this machine alone.
    address = f"http://127.0.0.1:{given.port}"
    os.environ.update(ALLOWED_HOSTS="127.0.0.1", SITE_URL=address, HTTPS="off", LOG_LEVEL="ERROR")
    return given
