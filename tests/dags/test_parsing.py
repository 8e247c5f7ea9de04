"""DAG files are light, stable and clean: they are parsed every half minute for ever."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dags.runner import DAGS, AirflowHome

pytestmark = pytest.mark.xdist_group("airflow")
FILES = sorted(DAGS.glob("wire_*.py"))
DAG_FILES = [path for path in FILES if path.stem != "wire_assets"]
HEAVY = (
    "spacy",
    "tantivy",
    "elasticsearch",
    "feedparser",
    "trafilatura",
    "wordllama",
    "pipeline.flow",
    "pipeline.store",
)

_PARSE = """
import importlib, json, sys
from airflow.serialization.serialized_objects import DagSerialization
module = importlib.import_module(sys.argv[1])
from airflow.sdk.definitions.dag import DAG
dags = [value for value in vars(module).values() if isinstance(value, DAG)]
made = getattr(module, sys.argv[1])()
print(json.dumps({
    "heavy": sorted(set(json.loads(sys.argv[2])) & set(sys.modules)),
    "dag": DagSerialization.to_dict(made),
    "doc": made.doc_md,
}, default=str, sort_keys=True))
"""


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> AirflowHome:
    return AirflowHome.make(tmp_path_factory.mktemp("airflow"), {})


def parsed(airflow: AirflowHome, path: Path) -> dict[str, object]:
    command = [sys.executable, "-c", _PARSE, path.stem, json.dumps(HEAVY)]
    done = subprocess.run(command, env=dict(airflow.environment), capture_output=True, text=True, check=True)
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda path: path.stem)
def test_a_dag_file_imports_nothing_heavy_and_stays_one_version(airflow: AirflowHome, path: Path) -> None:
    first, second = parsed(airflow, path), parsed(airflow, path)
    assert first["heavy"] == []
    assert first["dag"] == second["dag"], "each parse would make a new DAG version"
    assert str(first["doc"]).strip().startswith(f"### {path.stem}")


def test_every_dag_file_is_known_here() -> None:
    assert [path.stem for path in DAG_FILES] == [
        "wire_alert",
        "wire_backfill",
        "wire_enrich",
        "wire_ingest",
        "wire_maintenance",
        "wire_reindex",
    ]


def test_airflow_style() -> None:
    """ruff's own rules for Airflow 3."""
    command = [str(Path(sys.executable).parent / "ruff"), "check", "--select", "AIR", "--preview", str(DAGS)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
