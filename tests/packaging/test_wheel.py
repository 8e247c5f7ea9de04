"""The wheel, built and installed without a network, works from an empty folder without a repository around it."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import pipeline
from tests.e2e.command import ROOT

BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "pipeline")

STORY = """UPDATE 1-Turkey signs letter of intent on missile defence

ANKARA, Nov 8 (Example Wire) - Turkey signed a letter of intent with France and Italy on missile defence on Wednesday,
Defence Minister Nurettin Canikli said. Eurosam, which makes the SAMP/T, will take part. Turkey also buys S-400s.
"""
LATER = """Eurosam wins Turkish study contract on missile defence

BRUSSELS, Jan 5 (Example Wire) - Eurosam and Turkey's Aselsan signed a contract on Friday for a study of long-range
missile defence, which follows the letter of intent of November with France and Italy. The study covers the SAMP/T.
"""


class Installation:
    """A wheel in an environment of its own, and an empty folder to run in."""

    def __init__(self, wheel: Path, environment: Path, folder: Path) -> None:
        self.wheel, self.environment, self.folder = wheel, environment, folder

    def run(self, *command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a program of the environment in the folder."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("WIREWATCH_", "PYTHON", "COVERAGE", "COV_"))
        }
        program = str(self.environment / "bin" / command[0])
        return subprocess.run(
            [program, *command[1:]],
            cwd=self.folder,
            env={**inherited, "COLUMNS": "200", **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def ok(self, *arguments: str) -> str:
        """What ``wirewatch`` prints; fails the test unless it succeeds."""
        answer = self.run("wirewatch", *arguments)
        assert answer.returncode == 0, f"wirewatch {arguments}: {answer.returncode}\n{answer.stdout}{answer.stderr}"
        return answer.stdout


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Built and installed once for all tests here; the dependencies are those of the running environment."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = build(folder)
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = str(environment / "bin" / "python")
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        str(wheel),
    ]
    subprocess.run(install, check=True)
    # A plain line: the .pth files in that folder, such as those of editable installs, are not read.
    site_packages = next(environment.glob("lib/python*/site-packages"))
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    empty = folder / "empty"
    empty.mkdir()
    return Installation(wheel, environment, empty)


def build(folder: Path) -> Path:
    """Build the wheel from a copy, since a build leaves files behind."""
    source = folder / "source"
    source.mkdir()
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", folder, source], check=True)
    [wheel] = folder.glob("*.whl")
    return wheel


def test_every_file_of_the_package_is_in_the_wheel(installation: Installation) -> None:
    packed = set(zipfile.ZipFile(installation.wheel).namelist())
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "pipeline").rglob("*") if path.is_file()}
    assert {file for file in files if "__pycache__" not in file} <= packed
    assert {name.split("/")[0] for name in packed} == {"pipeline", f"wirewatch-{pipeline.__version__}.dist-info"}
    assert any(name.endswith("licenses/LICENSE") for name in packed)


def test_it_says_which_version_it_is(installation: Installation) -> None:
    assert installation.ok("--version").strip() == f"wirewatch, version {pipeline.__version__}"
    output = installation.run("python", "-c", "import pipeline; print(pipeline.__version__, pipeline.__file__)")
    version, file = output.stdout.split()
    assert version == pipeline.__version__
    assert Path(file).is_relative_to(installation.environment)


def test_help_needs_nothing(installation: Installation) -> None:
    assert "followups" in installation.ok("--help")
    assert "--choose" in installation.ok("kibana", "push", "--help")
    assert not any(installation.folder.iterdir())


def test_stories_are_read_tagged_searched_and_followed(installation: Installation) -> None:
    for name, text in (("deal.txt", STORY), ("study.txt", LATER)):
        (installation.folder / name).write_text(text, encoding="utf-8")
    assert "gaz:eurosam" in installation.ok("tag", "deal.txt", "--json")
    installation.ok("import", "deal.txt", "study.txt", "--backfill")
    assert "1 stor" in installation.ok("search", 'headline:"letter of intent"')
    assert "Eurosam wins" in installation.ok("search", "organization:Eurosam AND study")
    answer = json.loads(installation.ok("followups", "1", "--json"))
    assert answer
    assert "letter of intent" in installation.ok("story", "1")
    installation.ok("dossier", "1", "-o", "deal.html")
    assert "<html" in (installation.folder / "deal.html").read_text(encoding="utf-8")
    assert (installation.folder / "var" / "wirewatch.db").is_file()


def test_it_says_where_feeds_are_to_be_declared(installation: Installation) -> None:
    answer = installation.run("wirewatch", "feeds")
    assert answer.returncode == 2
    assert str(installation.folder / "var" / "config" / "feeds.yaml") in answer.stderr
    assert "WIREWATCH_CONFIG" in answer.stderr


def test_the_users_folder_is_laid_over_what_is_shipped(installation: Installation) -> None:
    own = installation.folder / "var" / "config" / "gazetteer"
    own.mkdir(parents=True)
    (own / "ours.yaml").write_text("entries:\n  - {id: nato, forms: [North Sea Pact]}\n", encoding="utf-8")
    (installation.folder / "pact.txt").write_text("Pact meets\n\nThe North Sea Pact met.\n", encoding="utf-8")
    assert "gaz:nato" in installation.ok("tag", "pact.txt", "--json")
