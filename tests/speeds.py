"""The markers by which tests are chosen; tests/conftest.py loads this module as a plugin.

| marker    | set on                                                                              | left out of  |
|-----------|-------------------------------------------------------------------------------------|--------------|
| servers   | tests that ask for a PostgreSQL or an Elasticsearch, by a fixture or by a parameter | make quick   |
| airflow   | tests/dags, and modules that start an Airflow                                       | make quick   |
| processes | modules that start the command or other processes                                   | make quick   |
| slow      | tests that load models, build a corpus or walk through stages; set by hand as well  | make quick   |
| soak      | set by hand                                                                         | all but soak |
"""

from pathlib import Path
from types import ModuleType

import pytest

TESTS = Path(__file__).parent

SERVER_FIXTURES = frozenset(
    {
        "postgres_server",
        "private_postgres_server",
        "migrated_postgres",
        "elasticsearch_server",
        "percolator_server",
        "secured_elasticsearch",
        "tls_elasticsearch",
        "private_elasticsearch",
    }
)
SERVER_PARAMETERS = frozenset({"postgresql", "elasticsearch", "percolator", "site", "percolating"})
PLACES = {
    "airflow": ("dags",),
    "processes": ("demo", "docker", "docs", "e2e", "packaging", "servers"),
    "slow": (
        *("quality", "sample_wire"),
        *("flow", "cli", "evaluate", "alert/delivery", "alert/matching"),  # they walk through several stages
        *("contracts/store/test_processes.py", "store/test_invariants.py"),
    ),
}
SLOW_FIXTURES = frozenset({"tagger"})  # loads spaCy's model and the vectors

_MARKERS = (
    "servers: asks for a PostgreSQL or an Elasticsearch",
    "airflow: starts an Airflow",
    "processes: starts other processes, such as the command",
    "slow: takes seconds, or loads models",
    "soak: long runs, only by make soak",
)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test by what it asks for, where it lies and what its module uses."""
    if not isinstance(item, pytest.Function):
        return
    for marker in sorted(_markers(item)):
        item.add_marker(marker)


def _markers(item: pytest.Function) -> set[str]:
    names = set(item.fixturenames)
    parameters = {str(value) for value in item.callspec.params.values()} if hasattr(item, "callspec") else set()
    markers = {
        marker for marker, places in PLACES.items() if any(item.path.is_relative_to(TESTS / place) for place in places)
    }
    if names & SERVER_FIXTURES or parameters & SERVER_PARAMETERS:
        markers.add("servers")
    if names & SLOW_FIXTURES:
        markers.add("slow")
    return markers | _markers_of_module(item.module)


def _markers_of_module(module: ModuleType) -> set[str]:
    """What a module imports tells what its tests start."""
    values = vars(module).values()
    names = {getattr(value, "__name__", "") for value in values}
    homes = {getattr(value, "__module__", "") for value in values}
    markers = {"airflow"} if "AirflowHome" in names else set()
    if "subprocess" in names | homes or "multiprocessing" in names | homes or "Command" in names:
        markers.add("processes")
    if "build_tagger" in names:
        markers.add("slow")
    return markers
