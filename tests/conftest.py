"""The servers that tests may ask for, and what is left to `make soak`."""

import os

import pytest

pytest_plugins = ["tests.servers.fixtures"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long runs are chosen by `make soak` (-m soak) and by nothing else."""
    if os.environ.get("WIREWATCH_SOAK"):
        return
    kept = [item for item in items if item.get_closest_marker("soak") is None]
    config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("soak")])
    items[:] = kept
