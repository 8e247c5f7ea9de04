"""The dependency rules of ARCHITECTURE.md, read from the imports themselves."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline

ROOT = Path(__file__).parent.parent
STAGES = {"fetch", "parse", "store", "enrich", "relate", "index", "alert"}
SHARED = {
    "models",
    "errors",
    "ports",
    "settings",
    "query",
    "wire",
    "text",
    "shared_formats",
    "reason_wording",
    "__version__",
}
HOME_OF = {"feedparser": "parse", "spacy": "enrich", "tantivy": "index", "elasticsearch": "index"}
HEAVY = (
    "spacy",
    "tantivy",
    "elasticsearch",
    "feedparser",
    "airflow",
    "trafilatura",
    "wordllama",
    "sqlalchemy",
    "numpy",
    "scipy",
)

MODULES = sorted((ROOT / "pipeline").rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Every absolute module name that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write the whole name"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def package_of(path: Path) -> str:
    return path.relative_to(ROOT / "pipeline").parts[0].removesuffix(".py")


def own_imports(path: Path) -> set[str]:
    """The top packages of ``pipeline`` that a file imports."""
    return {name.split(".")[1] for name in imported(path) if name.startswith("pipeline.")}


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_a_stage_knows_no_other_stage(stage: str) -> None:
    files = sorted((ROOT / "pipeline" / stage).rglob("*.py"))
    assert files, f"pipeline/{stage} is missing"
    for path in files:
        assert own_imports(path) <= SHARED | {stage}, path


def test_shared_modules_know_no_stage() -> None:
    for path in MODULES:
        if package_of(path) in SHARED:
            assert own_imports(path) <= SHARED, path


def test_only_flow_and_wiring_know_the_stages() -> None:
    for path in MODULES:
        if package_of(path) not in STAGES | {"flow", "wiring"}:
            assert not own_imports(path) & STAGES, path


def test_nothing_imports_airflow_and_each_engine_has_one_home() -> None:
    for path in MODULES:
        tops = {name.split(".")[0] for name in imported(path)}
        assert "airflow" not in tops, path
        for library, home in HOME_OF.items():
            assert library not in tops or package_of(path) == home, f"{path} imports {library}"


def test_the_command_line_and_the_dags_use_the_object_and_nothing_below_it() -> None:
    plain = {"models", "reason_wording", "errors", "settings", "query", "progress", "clock", *pipeline.__all__}
    allowed = {"cli": {*plain, "cli", "evaluate"}, "evaluate": {*plain, "evaluate", "shared_formats"}, "dags": plain}
    for top, names in allowed.items():
        files = sorted((ROOT / "dags" if top == "dags" else ROOT / "pipeline" / top).rglob("*.py"))
        assert files
        for path in files:
            assert own_imports(path) <= names, path
            attributes = {
                node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)
            }
            assert "adapters" not in attributes, f"{path} reaches below the object"


def test_help_loads_nothing_heavy() -> None:
    """The command's help and its parse of arguments must answer at once."""
    code = (
        "import sys\nfrom pipeline.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stderr.strip() == "[]"
    assert "followups" in done.stdout
