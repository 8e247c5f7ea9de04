"""The servers that tests may ask for, and what is left to `make soak`."""

import os

import pytest
from hypothesis import settings

# The same examples each time, however slow the machine: a red run is a changed program. `make soak` looks further.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("soak", deadline=None)
settings.load_profile("soak" if os.environ.get("WIREWATCH_SOAK") else "steady")

pytest_plugins = ["tests.servers.fixtures", "tests.speeds"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long runs are chosen by `make soak` (-m soak) and by nothing else."""
    if os.environ.get("WIREWATCH_SOAK"):
        return
    kept = [item for item in items if item.get_closest_marker("soak") is None]
    config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("soak")])
    items[:] = kept
