"""The Dockerfile: what a linter and an operator look for. Building it takes an engine, which tests cannot count on."""

import re
import subprocess
import tomllib

from tests.docker.stack import DOCKER, DOCKERFILE, ROOT, image_settings, instructions, tool

STEPS = list(instructions())


def values(instruction: str) -> list[str]:
    return [value for name, value in STEPS if name == instruction]


def test_hadolint_finds_nothing() -> None:
    done = subprocess.run([tool("hadolint"), str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)


def test_every_base_is_pinned_to_a_release_and_is_the_same_python() -> None:
    bases = [value.split(" AS ")[0] for value in values("FROM")]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    python = re.fullmatch(r"python:(3\.\d+)\.\d+-slim-\w+", bases[0])
    assert python
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert tuple(map(int, python[1].split("."))) >= tuple(map(int, project["requires-python"][2:].split(".")))


def test_the_image_runs_as_nobody_special() -> None:
    last_stage = STEPS[max(number for number, (name, _) in enumerate(STEPS) if name == "FROM") :]
    assert [value for name, value in last_stage if name == "USER"] == ["1000:0"]
    assert last_stage[-1][0] == "CMD"


def test_the_last_stage_holds_no_build_tools() -> None:
    last_stage = STEPS[max(number for number, (name, _) in enumerate(STEPS) if name == "FROM") :]
    assert not [value for name, value in last_stage if name == "RUN" and re.search(r"pip|apt|curl", value)]


def test_dependencies_are_the_locked_ones_and_no_others() -> None:
    [install] = [value for value in values("RUN") if "--requirement" in value]
    assert "--require-hashes --constraint requirements.lock" in install
    assert "--extra airflow" in install
    assert "--extra dev" not in install


def test_everything_copied_is_there_and_let_through_to_the_builder() -> None:
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = [line[1:] for line in ignored if line.startswith("!")]
    assert "*" in ignored
    for value in values("COPY"):
        parts = [part for part in value.split() if not part.startswith("--")]
        if "--from=" in value:
            continue
        for source in parts[:-1]:
            assert (ROOT / source).exists(), source
            assert any(source == name or source.startswith(f"{name}/") for name in let_through), source


def test_no_secret_is_baked_in() -> None:
    assert not [name for name in image_settings() if re.search(r"PASSWORD|SECRET|TOKEN|KEY", name)]
    assert values("ARG") == []


def test_scripts_may_be_run() -> None:
    scripts = ["make-secrets", "airflow/start-api", "airflow/is-healthy", "elasticsearch/setup", "kibana/start"]
    for script in [*scripts, "postgres/setup"]:
        assert (DOCKER / script).stat().st_mode & 0o111, script
        assert (DOCKER / script).read_text(encoding="utf-8").startswith("#!"), script
