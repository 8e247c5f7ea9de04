"""Rules inside the packages: which room knows which, and limits of size that keep code readable.

A room is a folder or a module right below a package of ``pipeline``.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.test_architecture import MODULES, ROOT

MAX_MODULES = 14  # in a folder; beyond that the right file is hard to find
MAX_LINES = 400
MAX_FUNCTION_LINES = 50
MAX_PARAMETERS = 8
PRONOUNS = {"found", "held", "its", "made", "mine", "one", "ones", "said", "some", "there", "told", "whole"}
"""Names that say the grammatical role of a thing and not what it is."""

CONTRACT = {("pipeline/models/threads.py", "one")}  # a key of the JSON that `wirewatch rulings` writes

# package -> room -> the rooms of the same package that it may import. Where a room is missing, it imports none.
ROOMS: dict[str, dict[str, set[str]]] = {
    "alert": {
        "problems": {"render"},
        "channels": {"render"},
        "matching": {"problems", "schedule"},
        "delivery": {"matching", "problems", "render", "schedule"},
        "subscriptions": {"matching"},
    },
    "fetch": {
        "guarded_network": {"addresses"},
        "decode_body": {"guarded_network"},
        "transport": {"addresses", "guarded_network", "proxies"},
        "http_client": {"addresses", "decode_body", "guarded_network", "proxies", "transport"},
        "webhook_client": {"addresses", "guarded_network", "http_client", "proxies", "transport"},
        "fetch_feed": {"http_client", "schedule"},
        "drop_folder": {"fetch_feed", "schedule"},
    },
    "store": {
        "marks": {"db"},
        "ranking": {"db"},
        "stories": {"db", "marks"},
        "queue": {"db", "stories"},
        "alerts": {"db", "queue", "stories"},
        "copies": {"db", "marks"},
        "entities": {"db", "queue"},
        "happenings": {"db", "marks", "stories"},
        "lineage": {"copies", "db", "happenings", "queue", "ranking"},
        "outcomes": {"alerts", "copies", "db", "entities", "happenings", "lineage", "queue", "ranking"},
        "adapters": {
            *("alerts", "copies", "db", "entities", "happenings", "lineage", "marks", "outcomes", "queue", "ranking"),
            "stories",
        },
        "store": {"adapters", "db"},
    },
    "parse": {
        "values": {"io"},
        "conventions": {"io", "values"},
        "formats": {"conventions", "fields", "io", "rejected", "values"},
        "assemble": {"conventions", "fields", "io", "values"},
        "article": {"conventions", "io", "values"},
        "document": {"assemble", "fields", "formats", "io", "rejected"},
    },
    "enrich": {
        "gazetteer": {"text"},
        "ner": {"gazetteer", "text"},
        "linking": {"gazetteer", "ner", "text"},
        "tagger": {"features", "gazetteer", "linking", "ner", "text"},
        "pool": {"features", "gazetteer", "ner", "tagger"},
    },
    "relate": {
        "ranking": {"arrays"},
        "happenings": {"arrays", "ranking"},
        "training": {"arrays", "blas", "ranking"},
        "batch": {"blas", "copies", "happenings", "ranking"},
        "followups": {"blas", "happenings", "mark_filter", "ranking"},
        "dossier": {"followups", "ranking"},
    },
    "index": {
        "highlight": {"text_matches"},
        "matching": {"field_values", "highlight", "text_matches"},
        "embedded": {"documents", "field_values", "highlight", "matching", "search_request"},
        "elastic": {"documents", "field_values", "highlight", "matching", "search_request"},
    },
    "flow": {
        "stages": {"alerting", "operating", "workers"},
        "ingest": {"stages", "workers"},
        "reading": {"ingest"},
        "judging": {"stages"},
        "wirewatch": {"alerting", "ingest", "judging", "operating", "reading", "stages"},
    },
    "query": {
        "analysis": {"porter"},
        "leaves": {"analysis", "dates", "fields", "syntax", "tree"},
        "parse": {"fields", "leaves", "syntax", "tree"},
    },
    "evaluate": {
        "home": {"sets"},
        "groups": {"bootstrap", "measures", "sets"},
        "followups": {"baselines", "bootstrap", "measures", "sets"},
    },
    "wire": {"slugline": {"take_line"}},
    "text": {},
}


def modules_by_name() -> dict[str, Path]:
    names = {}
    for path in MODULES:
        parts = path.relative_to(ROOT).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


BY_NAME = modules_by_name()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def own_modules(path: Path) -> set[str]:
    """The modules of ``pipeline`` that a file imports when it runs; imports for type checkers alone are left out."""
    tree = tree_of(path)
    for_types = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in for_types:
            qualified = [f"{node.module}.{alias.name}" for alias in node.names]
            names |= {name if name in BY_NAME else node.module for name in qualified}
    return {name for name in names if name in BY_NAME}


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {name: own_modules(path) - {name} for name, path in BY_NAME.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"an import circle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("package", sorted(ROOMS))
def test_a_room_knows_only_those_below_it(package: str) -> None:
    allowed = ROOMS[package]
    for path in sorted((ROOT / "pipeline" / package).rglob("*.py")):
        parts = path.relative_to(ROOT / "pipeline" / package).with_suffix("").parts
        if parts == ("__init__",):
            continue
        prefix = f"pipeline.{package}."
        rooms = {name.split(".")[2] for name in own_modules(path) if name.startswith(prefix)} - {parts[0]}
        assert rooms <= allowed.get(parts[0], set()), path


@pytest.mark.parametrize("package", sorted(ROOMS))
def test_the_rooms_of_a_package_form_no_circle(package: str) -> None:
    TopologicalSorter(ROOMS[package]).prepare()


@pytest.mark.parametrize("top", ["pipeline", "dags", "tests"])
def test_no_folder_holds_more_than_one_can_look_over(top: str) -> None:
    modules: dict[Path, int] = defaultdict(int)
    for path in (ROOT / top).rglob("*.py"):
        modules[path.parent.relative_to(ROOT)] += path.name != "__init__.py"
    assert {str(folder): number for folder, number in modules.items() if number > MAX_MODULES} == {}


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def parameters(function: ast.FunctionDef) -> int:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return len([argument for argument in named if argument.arg not in ("self", "cls")])


def names_bound(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


@pytest.mark.parametrize("top", ["pipeline", "dags", "tests"])
def test_files_functions_and_names_are_easy_to_read(top: str) -> None:
    problems = []
    for path in sorted((ROOT / top).rglob("*.py")):
        where, text = path.relative_to(ROOT), path.read_text(encoding="utf-8")
        tree = tree_of(path)
        if (lines := len(text.splitlines())) > MAX_LINES and "migrations" not in where.parts:
            problems.append(f"{where} has {lines} lines")
        for function in functions(tree):
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > MAX_FUNCTION_LINES and "migrations" not in where.parts:
                problems.append(f"{where}: {function.name} has {lines} lines")
            if (number := parameters(function)) > MAX_PARAMETERS:
                problems.append(f"{where}: {function.name} has {number} parameters")
        pronouns = {name for name in PRONOUNS & set(names_bound(tree)) if (where.as_posix(), name) not in CONTRACT}
        problems += [f"{where}: the name {name!r} says nothing" for name in sorted(pronouns)]
    assert problems == []
