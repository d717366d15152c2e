"""Are the ways closed by which text becomes markup, money becomes a float, and a query sees too much?"""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from common import jobs
from tests.architecture.sources import ROOT, dotted, modules, nodes, place, project_files, role

# The only files that may declare text to be safe markup; a change here is a change to review.
REVIEWED_MARKUP = {"common/text.py", "common/charts.py", "common/templating.py"}
MARKUP = {"mark_safe", "SafeString", "SafeText", "Markup"}
MONEY = re.compile(r"(^|_)(amount|arr|mrr|price|value_of|money|revenue|minor)(_|$)")
EDGE = {"views", "viewsets", "filters", "forms", "serializers"}
# Hosts of package registries and paths of one machine, put together here so that this file does not name them.
UNWANTED = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "npmjs" + ".org",
    "--index" + "-url",
    "--extra-index" + "-url",
    "--find" + "-links",
    "/wo" + "rk/",
]


def calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """List the calls in a file by the last part of what is called."""
    for node in nodes(file, "Call"):
        yield dotted(node.func).rpartition(".")[2], node


def at(file: Path, node: ast.expr | ast.arg) -> str:
    return f"{place(file)}:{node.lineno}"


def test_text_becomes_markup_in_reviewed_files_only() -> None:
    found = [
        at(file, node)
        for file in modules()
        if str(place(file)) not in REVIEWED_MARKUP
        for node in nodes(file, "Name", "Attribute", "alias")
        if (dotted(node) or getattr(node, "name", "")).rpartition(".")[2] in MARKUP
    ]
    assert found == []


def is_money(name: str) -> bool:
    """Tell by its name whether something holds money; a rate is a fraction, not money."""
    last = name.rpartition(".")[2]
    return bool(MONEY.search(last)) and not last.endswith("_rate")


def floats(file: Path) -> Iterator[ast.AST]:
    """Find where money is declared to be a float, kept in a float column, or turned into one."""
    for node in nodes(file, "arg", "AnnAssign"):
        name = node.arg if isinstance(node, ast.arg) else dotted(node.target)
        if is_money(name) and node.annotation and "float" in ast.unparse(node.annotation):
            yield node
    for node in nodes(file, "Assign"):
        if (
            is_money(dotted(node.targets[0]))
            and isinstance(node.value, ast.Call)
            and "Float" in dotted(node.value.func)
        ):
            yield node
    for called, node in calls(file):
        inside = [part for argument in node.args for part in ast.walk(argument)]
        if called == "float" and any(is_money(dotted(part)) for part in inside):
            yield node


def test_money_is_never_a_float() -> None:
    assert [f"{place(file)}:{node.lineno}" for file in modules() for node in floats(file)] == []


def test_the_edge_reads_only_what_a_person_may_see() -> None:
    found = [
        at(file, node)
        for file in modules()
        if role(file) in EDGE
        for called, node in calls(file)
        if called == "all" and dotted(node.func).endswith((".objects.all", "_manager.all"))
    ]
    assert found == []


def test_no_request_becomes_the_arguments_of_a_query() -> None:
    found = [
        at(file, node)
        for file in modules()
        for _, node in calls(file)
        for keyword in node.keywords
        if keyword.arg is None and re.search(r"'(GET|POST|data|query_params)'", ast.dump(keyword.value))
    ]
    assert found == []


def test_every_job_asked_for_is_a_task() -> None:
    jobs.autodiscover()
    known = set(jobs.names())

    unknown = [
        f"{at(file, node)} {ast.unparse(node.args[0]) if node.args else ''}"
        for file in modules()
        if place(file).parts[0] != "common"  # there the name is a variable: it is the machinery itself
        for called, node in calls(file)
        if called in ("enqueue", "enqueue_many")
        and not (node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value in known)
    ]
    assert unknown == []


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = []
    for file in project_files():
        text = file.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{place(file)}: {word}" for word in UNWANTED if word in text]
    assert found == []


def test_every_dependency_says_why_it_is_there() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[tool.")[0].splitlines()
    dependencies = [line for line in lines if re.match(r'\s+"[a-z]', line)]

    assert len(dependencies) > 20
    assert [line for line in dependencies if not re.search(r'",?\s+# \w+', line)] == []


def test_no_link_leads_out_of_the_project() -> None:
    listed = subprocess.run(["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert [line for line in listed.splitlines() if line.startswith("120000")] == []
