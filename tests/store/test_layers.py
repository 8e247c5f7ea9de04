"""The packages of the store, from the lowest to the highest: each imports lower ones only."""

import ast
from pathlib import Path

import pytest

import pipeline.store

FOLDER = Path(pipeline.store.__file__).parent
ALLOWED: dict[str, set[str]] = {
    "db": set(),
    "marks": {"db"},
    "ranking": {"db"},
    "stories": {"db", "marks"},
    "queue": {"db", "stories"},
    "alerts": {"db", "queue", "stories"},
    "copies": {"db", "marks"},
    "entities": {"db", "queue"},
    "happenings": {"db", "marks", "stories"},
    "lineage": {"copies", "db", "happenings", "queue", "ranking"},
    "outcomes": {"copies", "db", "entities", "happenings", "lineage", "queue", "ranking"},
    "adapters": {
        "alerts",
        "copies",
        "db",
        "entities",
        "happenings",
        "lineage",
        "marks",
        "outcomes",
        "queue",
        "ranking",
        "stories",
    },
}


def imported_packages(package: str) -> set[str]:
    """The other packages of the store that a package imports, wherever in its modules."""
    packages: set[str] = set()
    for path in (FOLDER / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pipeline.store."):
                packages.add(node.module.split(".")[2])
    return packages - {package}


def test_every_package_has_its_layer() -> None:
    assert {path.parent.name for path in FOLDER.glob("*/__init__.py")} == ALLOWED.keys()


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_lower_ones_only(package: str) -> None:
    layers = list(ALLOWED)
    assert imported_packages(package) <= ALLOWED[package]
    assert all(layers.index(lower) < layers.index(package) for lower in ALLOWED[package])
