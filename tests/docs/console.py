"""Documents as programs: their code blocks, and the commands in them with the output that they show."""

import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.command import ROOT

_FENCED = re.compile(r'^```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.M | re.S)
_ANYTHING = "..."


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a document; title: the file that it is, or changes."""

    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A command that a document shows, and the lines that it says come out; ``...`` stands for any lines."""

    command: str
    output: tuple[str, ...]


def blocks(document: Path) -> list[Block]:
    """The fenced blocks of a document, in order."""
    fenced = _FENCED.finditer(document.read_text(encoding="utf-8"))
    return [Block(match["language"], match["title"] or "", match["text"]) for match in fenced]


def shown_commands(lines: Sequence[str]) -> list[Shown]:
    """The commands (``$ wirewatch ...``) in the lines of a block, each with its output."""
    shown: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith("$ "):
            shown.append((line[2:].partition("  # ")[0].strip(), []))
        elif shown:
            shown[-1][1].append(line)
    return [Shown(command, tuple(output)) for command, output in shown]


def apply_changes(document: Path, folder: Path) -> None:
    """Write a document's files into a folder, and make the changes of its diffs there."""
    for block in blocks(document):
        path = folder / block.title
        if block.language == "diff":
            for hunk in filter(None, re.split(r"^@@.*\n", block.text, flags=re.M)):
                path.write_text(_changed(path.read_text(encoding="utf-8"), hunk, block.title), encoding="utf-8")
        elif block.title:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")


def _changed(content: str, hunk: str, title: str) -> str:
    before = "".join(f"{line[1:]}\n" for line in hunk.splitlines() if line[0] in " -")
    after = "".join(f"{line[1:]}\n" for line in hunk.splitlines() if line[0] in " +")
    assert content.count(before) == 1, f"{title} no longer has these lines once:\n{before}"
    return content.replace(before, after)


def run_wirewatch(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], root: Path = ROOT
) -> "subprocess.CompletedProcess[str]":
    """Run the command of a source tree in a folder; standard error is in the output, as on a screen."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(root), "COLUMNS": "112"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def check_shown(shown: Shown, folder: Path, environment: Mapping[str, str]) -> None:
    """Run a command that a document shows, and hold its output against what the document says."""
    program, *arguments = shlex.split(shown.command)
    assert program == "wirewatch", shown.command
    answer = run_wirewatch(arguments, folder, environment)
    assert "Traceback" not in answer.stdout, answer.stdout
    printed = normalised(answer.stdout)
    position = 0
    for passage in passages(shown.output):
        position = printed.find(passage, position)
        assert position >= 0, f"$ {shown.command}\nthe document shows: {passage}\nand there is:\n{answer.stdout}"
        position += len(passage)


def passages(output: Sequence[str]) -> list[str]:
    """The lines between the ``...`` of an output, each passage as one normalised text."""
    texts: list[list[str]] = [[]]
    for line in output:
        if line.strip() == _ANYTHING:
            texts.append([])
        else:
            texts[-1].append(line)
    return [text for lines in texts if (text := normalised("\n".join(lines)))]


def normalised(text: str) -> str:
    """Without what depends on the screen, the time of day and the order of arrival: spaces, today's moments, ids."""
    text = re.sub(r"[─━│]+", " ", text)
    text = re.sub(r"(?<![:\d])\d{1,3}\s+(?=(?:\d{1,3}\s+)?20\d\d-\d\d-\d\d)", "ID ", text)
    text = re.sub(r"^\d{1,3}(?=  )|(?<=^thread )\d+", "ID", text, flags=re.M)
    text = re.sub(r"\b20(?:2[6-9]|[3-9]\d)-\d\d-\d\d \d\d:\d\d", "NOW", text)
    text = re.sub(r"\b(?:just now|\d+ (?:min|s|h) ago)", "AGO", text)
    return re.sub(r"NOW \d{1,3}\b", "NOW ID", " ".join(text.split()))
