"""Fresh secrets, as docker/make-secrets makes them."""

from pathlib import Path

import pytest

from tests.docker.stack import Mounted, make_secrets


@pytest.fixture
def mounted(tmp_path: Path) -> Mounted:
    """Secrets as the services find them in /run/secrets."""
    made = tmp_path / "made"
    made.mkdir()
    make_secrets(made)
    return Mounted.make(made, tmp_path / "run-secrets")
