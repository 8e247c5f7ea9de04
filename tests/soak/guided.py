"""The process that atheris drives: one input after the other, chosen by the code that the last ones reached."""

import sys

import atheris

with atheris.instrument_imports(include=["pipeline.parse"]):
    pass

from tests.parse.fuzzing import NAMES, check


def one_input(content: bytes) -> None:
    """The last byte chooses what the carrier calls it."""
    check(content, NAMES[content[-1] % len(NAMES)] if content else "")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
