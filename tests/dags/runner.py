"""Run DAGs in order through Airflow's own ``dag.test`` on its embedded database: ``python -m tests.dags.runner DAG...``

A DAG may carry parameters: ``wire_backfill={"paths": [...]}``. Airflow's own output goes to the file named by
``WIREWATCH_AIRFLOW_LOG``; stdout gets one JSON line a DAG: its run's state and every task instance's.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen, run
from typing import Any

ROOT = Path(__file__).parent.parent.parent
DAGS = ROOT / "dags"


@dataclass(frozen=True, slots=True)
class DagResult:
    """How one run ended. tasks: "task_id" or "task_id[map index]" -> state."""

    dag: str
    state: str
    tasks: Mapping[str, str]
    seconds: float


@dataclass(frozen=True, slots=True)
class AirflowHome:
    """An Airflow installation's folder with a migrated embedded database, and the environment to run in."""

    environment: Mapping[str, str]
    log: Path

    @classmethod
    def make(cls, folder: Path, environment: Mapping[str, str]) -> "AirflowHome":
        """Make (or find) the database in ``folder``. Raises RuntimeError with Airflow's own words."""
        folder.mkdir(parents=True, exist_ok=True)
        merged = {
            **os.environ,
            **environment,
            "AIRFLOW_HOME": str(folder),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "WIREWATCH_AIRFLOW_LOG": str(folder / "dags.log"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{DAGS}",  # as the DAG processor sets it up
        }
        done = run(
            [sys.executable, "-m", "airflow", "db", "migrate"], env=merged, stdout=PIPE, stderr=STDOUT, text=True
        )
        if done.returncode:
            raise RuntimeError(f"airflow db migrate failed:\n{done.stdout[-2000:]}")
        return cls(merged, folder / "dags.log")

    def run(self, *dags: str, environment: Mapping[str, str] | None = None) -> Iterator[DagResult]:
        """Run DAGs in order in one process; each result as it comes. Raises RuntimeError if Airflow itself fails."""
        command = [sys.executable, "-m", "tests.dags.runner", *dags]
        with Popen(
            command, env={**self.environment, **(environment or {})}, cwd=ROOT, stdout=PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                yield DagResult(**json.loads(line))
        if process.returncode:
            raise RuntimeError(f"Airflow stopped with {process.returncode}:\n{self.log.read_text()[-3000:]}")


def main(requests: Sequence[str]) -> None:
    """Run each request and print its result."""
    results = os.fdopen(os.dup(1), "w")
    log = os.open(os.environ["WIREWATCH_AIRFLOW_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(DAGS))
    if bag.import_errors:
        raise SystemExit(f"DAG files do not parse: {bag.import_errors}")
    for request in requests:
        name, _, parameters = request.partition("=")
        print(json.dumps(_run(bag.dags[name], json.loads(parameters or "{}"))), file=results, flush=True)


def _run(dag: Any, conf: dict[str, Any]) -> dict[str, Any]:
    dag_run = dag.test(run_conf=conf)
    tasks = {
        task.task_id if task.map_index < 0 else f"{task.task_id}[{task.map_index}]": str(task.state)
        for task in dag_run.get_task_instances()
    }
    seconds = (dag_run.end_date - dag_run.start_date).total_seconds()
    return {"dag": dag.dag_id, "state": str(dag_run.state), "tasks": tasks, "seconds": seconds}


if __name__ == "__main__":
    main(sys.argv[1:])
