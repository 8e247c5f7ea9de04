"""Fresh secrets, as docker/make-secrets makes them."""

from pathlib import Path

import pytest

from tests.docker.stack import Mounted, make_secrets


@pytest.fixture
def mounted(tmp_path: Path) -> Mounted:
    """Secrets as the services find them in /run/secrets."""
    secrets = tmp_path / "made"
    secrets.mkdir()
    make_secrets(secrets)
    return Mounted.make(secrets, tmp_path / "run-secrets")
