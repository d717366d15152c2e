"""Does the app graph stay without circles, and does every file say by its name what it holds?"""

from pathlib import Path

from django.apps import apps as installed
from importlinter.cli import lint_imports

from tests.architecture.sources import ROOT, apps, modules, nodes, place

ATTICS = {"utils", "helpers", "services", "managers", "signals", "receivers", "misc"}


def test_the_import_contracts_hold() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True) == 0


def test_every_app_has_its_place_in_the_stack() -> None:
    own = {config.name for config in installed.get_app_configs() if Path(config.path).parent == ROOT}

    assert own
    assert own <= apps()


def test_no_file_is_an_attic() -> None:
    assert [place(file) for file in modules() if file.stem in ATTICS] == []


def test_no_signal_is_sent_or_received() -> None:
    named = [
        f"{place(file)}:{node.lineno}"
        for file in modules()
        for node in nodes(file, "ImportFrom", "Import")
        for name in [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
        if name.endswith(("signals", "receiver", "dispatch"))
    ]
    assert named == []
