#!/usr/bin/env python3
"""How is Mainstay set up, run and checked? Called alone this prints the targets; it needs the standard library only."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

if sys.version_info < (3, 11):  # noqa: UP036 (this file is what an older Python is given to run)
    sys.exit(f"Mainstay needs Python 3.11 or newer; this is {sys.version.split()[0]}.")

from common.processes import Child, supervise
from tests.servers import chromium_program, postgres, redis, temporary_folder

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUN = ROOT / ".run"
REQUIREMENTS = ROOT / "requirements"
# Each holds all of the one before it.
LEVELS = ("base", "dev", "browser")


# ── Small tools ─────────────────────────────────────────────────────────────────────────────────────────────────────


def say(text: str) -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def environment(**changes: str) -> dict[str, str]:
    """Give a child process our environment, with a home even where there is none, and the changes."""
    return {"HOME": str(RUN), **os.environ, "PYTHONUNBUFFERED": "1", **changes}


def settings_variables() -> set[str]:
    """Name the variables that config/settings.py reads: a developer's own must not leak into a test run."""
    text = (ROOT / "config" / "settings.py").read_text()
    return {"DJANGO_SETTINGS_MODULE", *re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', text)}


def clean_environment(**changes: str) -> dict[str, str]:
    """Give a child process our environment without any setting of an installation."""
    unwanted = settings_variables()
    kept = {name: value for name, value in environment().items() if name not in unwanted}
    return {**kept, **changes}


def call(command: list[Any], env: dict[str, str] | None = None) -> int:
    """Run a command in the project's folder and return its exit code."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=env or environment(), check=False).returncode


def must(command: list[Any], env: dict[str, str] | None = None) -> None:
    """Run a command and stop here if it fails; it has said why."""
    code = call(command, env)
    if code:
        sys.exit(code)


def manage(*arguments: str, env: dict[str, str]) -> None:
    """Run a management command that has to succeed."""
    must([PYTHON, "manage.py", *arguments], env)


# ── Setting up ──────────────────────────────────────────────────────────────────────────────────────────────────────


def lock_hash(level: str) -> str:
    """Say in one line what an installation of this level consists of."""
    return f"{level} {hashlib.sha256((REQUIREMENTS / f'{level}.txt').read_bytes()).hexdigest()}"


def packages_in(lock: Path) -> int:
    """Count the packages that a lock file names; their hashes are indented."""
    return sum(line[:1].isalnum() for line in lock.read_text().splitlines())


def is_installed(level: str) -> bool:
    """Tell whether the virtual environment already holds this level, or one above it, as locked now."""
    with contextlib.suppress(OSError):
        stamp = (VENV / "installed").read_text().strip()
        return any(stamp == lock_hash(enough) for enough in LEVELS[LEVELS.index(level) :])
    return False


def make_virtual_environment() -> None:
    """Make .venv with the Python that runs this, unless a working one is there."""
    with contextlib.suppress(OSError):
        if subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
            return
    say(f"Making {VENV.relative_to(ROOT)} with Python {sys.version.split()[0]} …")
    if call([sys.executable, "-m", "venv", VENV]):
        sys.exit("Python could not make a virtual environment. On Debian: apt-get install python3-venv")


def install(level: str) -> None:
    """Install the locked packages of a level, each checked against its hash, and compile the translations."""
    RUN.mkdir(exist_ok=True)
    if not is_installed(level):
        make_virtual_environment()
        lock = REQUIREMENTS / f"{level}.txt"
        say(f"Installing {packages_in(lock)} packages of {lock.relative_to(ROOT)} …")
        pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        must([*pip, "--require-hashes", "--only-binary", ":all:", "-r", lock])
        (VENV / "installed").write_text(lock_hash(level) + "\n")
    compile_translations()


def compile_translations() -> None:
    """Compile each catalogue that is newer than its compiled form."""
    for source in sorted(ROOT.glob("locale/*/LC_MESSAGES/django.po")):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            compile_catalogue(source, compiled)


# Babel's own command would stop at “5 % of ARR”, for it takes “% o” for a blank that the translation lacks. Whether a
# translation has the blanks that are ones is asked by tests/architecture/test_translations.py.
COMPILE = """
import sys
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as compiled:
    write_mo(compiled, read_po(source))
"""


def compile_catalogue(source: Path, into: Path) -> None:
    """Compile one catalogue."""
    must([PYTHON, "-c", COMPILE, source, into])


# How our code names the functions that translate; those of gettext itself are known to Babel.
KEYWORDS = [
    *("_lazy", "_text", "gettext_lazy", "gettext_noop", "ngettext_lazy:1,2"),
    *("pgettext:1c,2", "pgettext_lazy:1c,2", "npgettext:1c,2,3", "npgettext_lazy:1c,2,3"),
]


def extract_texts(into: Path) -> None:
    """Write every text that Python and the templates offer for translation into a template of a catalogue."""
    names = [f"--keywords={keyword}" for keyword in KEYWORDS]
    layout = ["--sort-output", "--no-location", "--width=120", "--project=Mainstay", "--copyright-holder=Mainstay"]
    must([VENV / "bin" / "pybabel", "--quiet", "extract", "-F", "locale/babel.cfg", *names, *layout, "-o", into, "."])


def translate(_arguments: list[str]) -> int:
    """Bring the catalogues up to date with the texts of the code, then compile them; new texts are left empty."""
    install("base")
    with tempfile.TemporaryDirectory(prefix="mainstay-texts-") as folder:
        template = Path(folder) / "django.pot"
        extract_texts(template)
        for catalogue in sorted(ROOT.glob("locale/*/LC_MESSAGES/django.po")):
            command = [VENV / "bin" / "pybabel", "--quiet", "update", "-i", template, "-o", catalogue]
            options = ["--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date", "--width=120"]
            must([*command, *options, "-l", catalogue.parent.parent.name])
            say(f"{catalogue.relative_to(ROOT)} is up to date.")
    compile_translations()
    return 0


def setup(_arguments: list[str]) -> int:
    """Install what Mainstay runs on into .venv."""
    install("base")
    say("Ready. Try it with: python3 run.py demo")
    return 0


# ── The demo ────────────────────────────────────────────────────────────────────────────────────────────────────────


def secret_key() -> str:
    """Read this folder's own secret key; the first time, make it, readable by its owner alone."""
    file = RUN / "secret_key"
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(50))
    return file.read_text().strip()


def bracketed(host: str) -> str:
    """Write a host as it stands in an address."""
    return f"[{host}]" if ":" in host else host


def reachable_host(host: str) -> str:
    """Name a host to open in a browser when the server listens on every address."""
    return bracketed({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host))  # noqa: S104 (compared, never bound)


def demo_environment(host: str, port: int) -> dict[str, str]:
    """Give the demo's processes their settings; what the caller has set stays."""
    hosts = {"localhost", "127.0.0.1", "[::1]", bracketed(host), socket.gethostname()}
    defaults = {
        "SECRET_KEY": secret_key(),
        "DATA_DIR": str(RUN),
        "SITE_URL": f"http://{reachable_host(host)}:{port}",
        "ALLOWED_HOSTS": ",".join(sorted(hosts)),
        "LOG_LEVEL": "WARNING",
        # What the demo's playbooks send goes into files, and to nobody.
        "EMAIL_URL": f"filemail://{RUN / 'mails'}",
    }
    fixed = {"DEBUG": "off", "HTTPS": "off"}
    return {**defaults, **environment(), **fixed}


def refuse_taken_port(host: str, port: int) -> None:
    """Stop with a clear word when something already listens there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        reason = error.strerror or error
        sys.exit(f"Cannot listen on {host} port {port}: {reason}. Choose another: PORT=8001 python3 run.py demo")


def address_of_demo() -> tuple[str, int]:
    """Read where to listen from HOST and PORT."""
    port = os.environ.get("PORT", "8000")
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        sys.exit(f"PORT must be a number from 1 to 65535, not “{port}”.")
    return os.environ.get("HOST", "127.0.0.1"), int(port)


def prepare_demo(env: dict[str, str]) -> str:
    """Bring the database up to date, fill it when it is empty, and return who may sign in."""
    manage("migrate", "--verbosity", "0", env=env)
    manage("createcachetable", "--verbosity", "0", env=env)
    manage("load_demo", "--if-empty", env=env)
    people = subprocess.run(
        [PYTHON, "manage.py", "demo_people"], cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True
    )
    return people.stdout.rstrip()


def demo_children(host: str, port: int, env: dict[str, str]) -> list[Child]:
    """List the processes of the demo: web server, and what works in the background."""
    python = str(PYTHON)

    def child(name: str, command: list[str]) -> Child:
        return Child(name, command, ROOT, env)

    web = [python, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    web += ["--blocking-threads", "4", "--log-level", "warning", "config.wsgi:application"]
    if not env.get("BROKER_URL") or env["BROKER_URL"].startswith("memory:"):
        return [child("web server", web), child("worker", [python, "manage.py", "work"])]
    worker = [python, "-m", "celery", "-A", "config", "worker", "--loglevel", "WARNING"]
    dispatcher = [python, "manage.py", "work", "--dispatch-only"]
    return [child("web server", web), child("worker", worker), child("dispatcher", dispatcher)]


def answers(url: str) -> bool:
    """Tell whether the web server is up."""
    with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310
        return answer.status == 200
    return False


def demo(_arguments: list[str]) -> int:
    """Serve Mainstay with the demo book (HOST and PORT by environment); Ctrl-C stops it."""
    host, port = address_of_demo()
    refuse_taken_port(host, port)
    install("base")
    env = demo_environment(host, port)
    people = prepare_demo(env)
    address = f"http://{reachable_host(host)}:{port}"

    def announce() -> bool:
        if not answers(f"{address}/healthz/"):
            return False
        say(f"\n{people}\n\nMainstay is running at {address}\nCtrl-C stops it.")
        return True

    supervise(demo_children(host, port, env), say, announce)
    return 0


# ── Tests ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def pytest(arguments: list[str], env: dict[str, str]) -> int:
    """Run pytest on all cores unless told otherwise: on two at least, and on eight at most, for whom Redis has room."""
    workers = str(min(max(os.cpu_count() or 2, 2), 8))
    cores = [] if any(argument.startswith("-n") for argument in arguments) else ["-n", workers]
    return call([PYTHON, "-m", "pytest", *cores, *arguments], env)


def everything_but_journeys(arguments: list[str]) -> list[str]:
    """Leave the journeys to test-browser, unless one is asked for by name."""
    asked_for = any("journeys" in argument for argument in arguments)
    return arguments if asked_for else ["--ignore=tests/journeys", *arguments]


def test(arguments: list[str]) -> int:
    """Run the tests on SQLite; arguments go to pytest."""
    install("dev")
    return pytest(everything_but_journeys(arguments), clean_environment())


def test_postgres(arguments: list[str]) -> int:
    """Run the same tests on PostgreSQL and Redis, both started for the purpose."""
    install("dev")
    with temporary_folder() as folder, postgres(folder) as database, redis(folder) as (broker, cache):
        env = clean_environment(DATABASE_URL=database, BROKER_URL=broker, CACHE_URL=cache)
        return pytest(everything_but_journeys(arguments), env)


def in_browser(arguments: list[str], env: dict[str, str]) -> int:
    """Run tests in a real Chromium, one browser at a time: two on two cores only wait for each other."""
    install("browser")
    if chromium_program() is None:
        sys.exit("No Chromium here. On Debian: apt-get install chromium")
    return pytest(["-n", "0", *arguments], env)


def test_browser(arguments: list[str]) -> int:
    """Run the journeys in a real Chromium."""
    return in_browser(arguments or ["tests/journeys"], clean_environment())


def walk(arguments: list[str]) -> int:
    """Look at every page in all sixteen looks and by keyboard, which takes an hour; --quick takes two looks of each."""
    pages = ["tests/pages", *(f"tests/journeys/test_{name}.py" for name in ("walk", "walk_states", "history"))]
    rest = [argument for argument in arguments if argument != "--quick"]
    return in_browser([*pages, *rest], clean_environment(WALK="quick" if "--quick" in arguments else "whole"))


def pictures(_arguments: list[str]) -> int:
    """Take the README's pictures from the demo book of one day, into docs/images."""
    install("browser")
    if chromium_program() is None:
        sys.exit("No Chromium here. On Debian: apt-get install chromium")
    return pytest(["-n", "0", "-q", "tests/journeys/take_pictures.py"], clean_environment())


# ── Checks, benchmarks, locks ───────────────────────────────────────────────────────────────────────────────────────


def production_environment(folder: str) -> dict[str, str]:
    """Give the settings of a real installation behind HTTPS."""
    return clean_environment(
        SECRET_KEY=secrets.token_urlsafe(50),
        DATA_DIR=folder,
        SITE_URL="https://mainstay.example.org",
        ALLOWED_HOSTS="mainstay.example.org",
        BEHIND_PROXY="on",
    )


def check_commands() -> dict[str, list[Any]]:
    """List what `check` looks at, by name."""
    tools = VENV / "bin"
    django = [PYTHON, "-W", "error", "manage.py"]
    return {
        "format": [tools / "ruff", "format", "--check", "."],
        "lint": [tools / "ruff", "check", "."],
        "types": [tools / "mypy"],
        "imports": [tools / "lint-imports", "--no-logo"],
        "templates": [tools / "djlint", "templates", "--lint", "--quiet"],
        "migrations": [*django, "makemigrations", "--check", "--dry-run"],
        "deployment": [*django, "check", "--deploy", "--fail-level", "WARNING"],
    }


def check(arguments: list[str]) -> int:
    """Run formatter, linters, types, import contracts and Django's own checks; name one to run it alone."""
    install("dev")
    commands = check_commands()
    unknown = set(arguments) - set(commands)
    if unknown:
        sys.exit(f"No such check: {', '.join(sorted(unknown))}. There are: {', '.join(commands)}.")
    failed = []
    with tempfile.TemporaryDirectory(prefix="mainstay-") as folder:
        for name in arguments or commands:
            say(f"── {name}")
            if call(commands[name], production_environment(folder)):
                failed.append(name)
    say(f"\nFailed: {', '.join(failed)}." if failed else "\nAll checks passed.")
    return bool(failed)


def bench(arguments: list[str]) -> int:
    """Measure against the floors: bench [NAME] [--accounts N]."""
    install("base")
    known = {file.stem: file for file in sorted((ROOT / "bench").glob("*.py")) if not file.stem.startswith("_")}
    name = arguments[0] if arguments and not arguments[0].startswith("-") else None
    if name is not None and name not in known:
        sys.exit(f"No such benchmark: {name}. There are: {', '.join(known) or 'none yet'}.")
    rest = arguments if name is None else arguments[1:]
    with tempfile.TemporaryDirectory(prefix="mainstay-bench-") as folder:
        env = {**environment(), "SECRET_KEY": secrets.token_urlsafe(50), "DATA_DIR": folder, "PYTHONPATH": str(ROOT)}
        codes = [call([PYTHON, file, *rest], env) for stem, file in known.items() if name in (None, stem)]
    return max(codes, default=0)


def lock(arguments: list[str]) -> int:
    """Write requirements/*.txt from pyproject.toml, with hashes; lock --upgrade takes newer versions."""
    RUN.mkdir(exist_ok=True)
    tools = RUN / "lock-tools"
    if not (tools / "bin" / "uv").exists():
        must([sys.executable, "-m", "venv", tools])
        must([tools / "bin" / "python", "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "uv"])
    uv = [tools / "bin" / "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    # Extras stay in the names: without them pip takes the newest "coverage[toml]" and then misses its hash.
    uv += ["--generate-hashes", "--no-annotate", "--no-header", "--no-strip-extras", *arguments]
    groups: dict[str, list[str]] = {"base": [], "dev": ["dev"], "browser": ["dev", "browser"]}
    for level, names in groups.items():
        output = REQUIREMENTS / f"{level}.txt"
        with_groups = [part for name in names for part in ("--group", f"pyproject.toml:{name}")]
        must([*uv, "pyproject.toml", *with_groups, "-o", output])
        if "://" in output.read_text():
            sys.exit(f"{output.relative_to(ROOT)} names a host; a lock file holds names, versions and hashes only.")
        say(f"{output.relative_to(ROOT)}: {packages_in(output)} packages")
    return 0


TARGETS = {
    "setup": setup,
    "demo": demo,
    "test": test,
    "test-postgres": test_postgres,
    "test-browser": test_browser,
    "walk": walk,
    "check": check,
    "translate": translate,
    "pictures": pictures,
    "bench": bench,
    "lock": lock,
}


def main(arguments: list[str]) -> int:
    """Run the named target, or list what there is."""
    name, *rest = arguments or ["help"]
    if name in TARGETS:
        return TARGETS[name](rest)
    say("Usage: python3 run.py TARGET [ARGUMENTS]\n")
    for target, function in TARGETS.items():
        say(f"  {target:<14} {function.__doc__}")
    return 0 if name in ("help", "-h", "--help") else 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
