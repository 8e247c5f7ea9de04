"""compose.yaml: valid to Docker's own client, and what it promises about users, secrets, health and versions."""

import importlib.util
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from pipeline.settings.variables import Variables
from tests.docker.stack import (
    DOCKER,
    Service,
    compose_config,
    image_settings,
    own_services,
    services,
    stack,
)

SERVICES = [pytest.param(service, id=name) for name, service in services().items()]
OWN = [pytest.param(service, id=name) for name, service in own_services().items()]


def test_it_is_complete_and_valid_to_compose() -> None:
    assert {"postgres", "elasticsearch", "kibana", "airflow-api", "airflow-scheduler"} <= set(services())


def test_without_secrets_it_says_what_to_do() -> None:
    done = compose_config({})
    assert done.returncode != 0
    assert "run ./make-secrets first" in done.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_images_are_pinned_to_a_release(service: Service) -> None:
    _, _, tag = service["image"].rpartition(":")
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?(-\w+)?", tag)


def test_the_same_software_is_the_same_version_everywhere() -> None:
    images = {service["image"] for service in services().values()}
    names = [image.rpartition(":")[0] for image in images]
    assert len(set(names)) == len(names)
    elastic = {image.rpartition(":")[2] for image in images if "elastic" in image}
    assert len(elastic) == 1
    assert elastic.pop().startswith("8.19.")


@pytest.mark.parametrize(
    "service", [pytest.param(service, id=name) for name, service in services().items() if name != "postgres"]
)
def test_nothing_runs_as_root(service: Service) -> None:
    """But for PostgreSQL's image, which starts as root to own its folder and then changes its user by itself."""
    assert service["user"] == "1000:0"
    assert service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_gains_rights_and_logs_do_not_grow_for_ever(service: Service) -> None:
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"max-size", "max-file"} <= service["logging"]["options"].keys()


@pytest.mark.parametrize("service", SERVICES)
def test_no_secret_stands_in_the_environment(service: Service) -> None:
    mounted = {f"/run/secrets/{secret['source']}" for secret in service.get("secrets", [])}
    for name, value in (service.get("environment") or {}).items():
        if re.search(r"PASSWORD|SECRET|TOKEN|_KEY|CONN", name):
            assert name.endswith(("_FILE", "_CMD", "_SECRET")), name
        if not re.match(r"/run/secrets/|cat /run/secrets/", value):
            assert "@" not in value, f"{name} carries credentials"
            continue
        assert value.removeprefix("cat ") in mounted, f"{name} names a secret that is not mounted"


def test_every_secret_comes_from_a_file_and_is_used() -> None:
    declared = stack()["secrets"]
    used = {secret["source"] for service in services().values() for secret in service.get("secrets", [])}
    assert set(declared) == used
    for secret in declared.values():
        assert Path(secret["file"]).parent == DOCKER / "secrets"


def test_secrets_stay_out_of_the_repository() -> None:
    assert {"secrets/", ".env"} <= set((DOCKER / ".gitignore").read_text(encoding="utf-8").split())


@pytest.mark.parametrize("service", SERVICES)
def test_what_lasts_is_watched_and_what_does_not_ends(service: Service) -> None:
    assert service["restart"] in ("unless-stopped", "no")
    assert ("healthcheck" in service) == (service["restart"] == "unless-stopped")


@pytest.mark.parametrize("service", SERVICES)
def test_services_wait_for_what_they_need(service: Service) -> None:
    for name, wait in service.get("depends_on", {}).items():
        lasting = services()[name]["restart"] == "unless-stopped"
        assert wait["condition"] == ("service_healthy" if lasting else "service_completed_successfully")


@pytest.mark.parametrize("service", SERVICES)
def test_ports_are_open_to_this_machine_only(service: Service) -> None:
    assert all(port["host_ip"] == "127.0.0.1" for port in service.get("ports", []))


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_mounted_is_there(service: Service) -> None:
    for volume in service.get("volumes", []):
        if volume["type"] == "bind":
            assert Path(volume["source"]).exists()
            assert volume["read_only"]
        else:
            assert volume["source"] in stack()["volumes"]


def test_what_must_survive_is_in_a_volume() -> None:
    kept = {
        (name, volume["target"])
        for name, service in services().items()
        for volume in service.get("volumes", [])
        if volume["type"] == "volume"
    }
    assert ("postgres", "/var/lib/postgresql/data") in kept
    assert ("elasticsearch", "/usr/share/elasticsearch/data") in kept
    homes = (image_settings()["WIREWATCH_HOME"], image_settings()["AIRFLOW_HOME"])
    assert {(name, home) for name in own_services() for home in homes} <= kept


def known_variables() -> set[str]:
    """The names of all variables, those of nested groups (WIREWATCH_KIBANA_URL) among them."""
    names = set()
    for name, field in Variables.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):
            names |= {f"{name}_{part}" for part in group.model_fields}
        else:
            names.add(name)
    return {f"WIREWATCH_{name.upper()}" for name in names}


@pytest.mark.parametrize("service", OWN)
def test_our_settings_are_known(service: Service) -> None:
    given = {name.removesuffix("_FILE") for name in service["environment"] if name.startswith("WIREWATCH_")}
    assert given <= known_variables()


@pytest.mark.parametrize("service", OWN)
def test_airflows_settings_are_known(service: Service) -> None:
    known = airflow_options()
    for name in {**image_settings(), **service["environment"]}:
        match = re.fullmatch(r"AIRFLOW__([A-Z_]+?)__([A-Z_]+)", name)
        if match is None:
            continue
        section, option = match[1].lower(), match[2].lower()
        if option.endswith("_cmd"):
            assert known[section][option.removesuffix("_cmd")]["sensitive"], f"{name}: not read from a command"
        else:
            assert option in known[section], name


def airflow_options() -> dict[str, dict[str, Any]]:
    """Every setting of the installed Airflow by section and name."""
    spec = importlib.util.find_spec("airflow")
    assert spec
    assert spec.origin
    file = Path(spec.origin).parent / "config_templates" / "config.yml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {
        section: {
            name: {**(option or {}), "sensitive": (option or {}).get("sensitive", False)}
            for name, option in entry["options"].items()
        }
        for section, entry in content.items()
    }


def test_scripts_of_the_image_are_copied_into_it() -> None:
    called = {service["command"][0] for service in own_services().values()}
    called |= {service["healthcheck"]["test"][1] for service in own_services().values() if "healthcheck" in service}
    dockerfile = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    for name in called - {"airflow", "wirewatch"}:
        assert f"docker/airflow/{name}" in dockerfile


def test_shell_scripts_are_sound() -> None:
    for script in ("make-secrets", "airflow/start-api", "elasticsearch/setup", "kibana/start", "postgres/setup"):
        subprocess.run(["bash", "-n", str(DOCKER / script)], check=True)
