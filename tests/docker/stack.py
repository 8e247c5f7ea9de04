"""The compose file as Docker's own client understands it, and its commands run natively: no Docker engine is needed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
DOCKER = ROOT / "docker"
COMPOSE = DOCKER / "compose.yaml"
DOCKERFILE = DOCKER / "Dockerfile"

Service = Mapping[str, Any]


def tool(name: str) -> str:
    """A program of this environment (docker-compose, hadolint, airflow, ...)."""
    program = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert program, f"{name} is missing: install the development requirements (make test does)"
    return program


def compose_config(environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """``docker compose config``: everything merged, filled in, and checked against the compose specification."""
    command = [tool("docker-compose"), "--file", str(COMPOSE), "config", "--format", "json"]
    variables = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment}
    # Away from the folder of the file, whose .env would be read.
    command[1:1] = ["--project-directory", str(DOCKER), "--env-file", os.devnull]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


@cache
def stack() -> dict[str, Any]:
    """The resolved compose file."""
    done = compose_config({"WIREWATCH_UID": "1000"})
    assert done.returncode == 0, done.stderr
    resolved: dict[str, Any] = json.loads(done.stdout)
    return resolved


def services() -> dict[str, Service]:
    resolved: dict[str, Service] = stack()["services"]
    return resolved


def own_services() -> dict[str, Service]:
    """The services that run in our image."""
    return {name: service for name, service in services().items() if "build" in service}


def image_settings() -> dict[str, str]:
    """The ENV of the image's last stage."""
    variables: dict[str, str] = {}
    for instruction, value in instructions():
        if instruction == "FROM":
            variables = {}
        if instruction == "ENV":
            variables |= dict(pair.split("=", 1) for pair in value.split())
    return variables


def instructions() -> Iterator[tuple[str, str]]:
    """The Dockerfile's instructions in order, with continued lines joined."""
    lines = [line for line in DOCKERFILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            instruction, _, value = line.partition(" ")
            yield instruction, " ".join(value.split())


def make_secrets(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run docker/make-secrets into a folder."""
    return subprocess.run([str(DOCKER / "make-secrets"), str(folder)], capture_output=True, text=True, check=True)


@dataclass(frozen=True, slots=True)
class Mounted:
    """Secrets of ``make-secrets`` under the names that containers find in /run/secrets."""

    folder: Path

    @classmethod
    def make(cls, secrets: Path, folder: Path) -> "Mounted":
        """Copy what was made in ``made`` to ``folder`` as the compose file mounts it."""
        folder.mkdir()
        for name, secret in stack()["secrets"].items():
            source = secrets / Path(secret["file"]).relative_to(DOCKER)
            shutil.copyfile(source, folder / name)
        return cls(folder)

    def __getitem__(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Point an address in a secret somewhere else."""
        content = self[name]
        assert old in content
        (self.folder / name).write_text(content.replace(old, new), encoding="utf-8")
