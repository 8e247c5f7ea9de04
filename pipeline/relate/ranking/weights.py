"""The ranking's numbers: one weight per feature, as data that ``wirewatch train`` makes."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import SettingsError
from pipeline.relate.arrays import Floats
from pipeline.relate.ranking.compare import FEATURES

BRIEF_WORDS = 50.0
"""Telling words, without stop words: 99 % of the stories that the shipped weights were fitted to have no more."""


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A logistic model: score = 1 / (1 + exp(-(bias + sum of weight * (feature - mean)))).

    Attributes:
        about: How the numbers came to be.
        bias: The score of an average candidate, as log odds.
        means: Of the features, in the order of FEATURES; (34,) float32.
        weights: Likewise.
        words: Telling words that nearly none of the stories exceeds that the weights were fitted to.
        headlines: Whether most of those stories had a headline.
        same_event: The part of its score that is left to another report of the story's own event, 0..1.
    """

    about: str
    bias: float
    means: Floats
    weights: Floats
    words: float = BRIEF_WORDS
    headlines: bool = False
    same_event: float = 1.0


def read_weights(text: str, where: str) -> Weights:
    """Read weights from their JSON text.

    Args:
        text: What ``write_weights`` made.
        where: Where the text comes from, for the message of an error.

    Raises:
        SettingsError: The text is not a set of weights for these features.
    """
    try:
        content = json.loads(text)
        features: Mapping[str, Any] = content["features"]
        if set(features) != set(FEATURES):
            odd = ", ".join(sorted(set(features) ^ set(FEATURES)))
            raise SettingsError(f"the ranking weights in {where} are for other features ({odd}): train them again")
        return Weights(
            about=str(content["about"]),
            bias=_finite(content["bias"]),
            means=np.array([_finite(features[name]["mean"]) for name in FEATURES], dtype=np.float32),
            weights=np.array([_finite(features[name]["weight"]) for name in FEATURES], dtype=np.float32),
            words=_word_count(content.get("words", BRIEF_WORDS)),
            headlines=bool(content.get("headlines", False)),
            same_event=_share(content.get("same_event", 1.0)),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"the ranking weights in {where} cannot be read: {error!r}: train them again") from error


def write_weights(weights: Weights) -> str:
    """Return the JSON text that ``read_weights`` reads."""
    features = {
        name: {"mean": _rounded(mean), "weight": _rounded(weight)}
        for name, mean, weight in zip(FEATURES, weights.means, weights.weights, strict=True)
    }
    content = {
        "about": weights.about,
        "words": _rounded(weights.words),
        "headlines": weights.headlines,
        "same_event": _rounded(weights.same_event),
        "bias": _rounded(weights.bias),
        "features": features,
    }
    return json.dumps(content, indent=1) + "\n"


def load_weights(path: Path) -> Weights:
    """Load weights from a file that ``wirewatch train`` made.

    Raises:
        SettingsError: It cannot be read, or does not hold weights.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(f"the ranking weights in {path} cannot be read: {reason}") from error
    return read_weights(text, str(path))


@cache
def shipped_weights() -> Weights:
    """Load the weights that come with the package."""
    text = files("pipeline.relate.ranking").joinpath("weights.json").read_text(encoding="utf-8")
    return read_weights(text, "pipeline/relate/ranking/weights.json")


def _finite(value: float) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is not a finite number")
    return number


def _word_count(value: float) -> float:
    number = _finite(value)
    if number < 1:
        raise ValueError(f"words must be at least 1, not {value}")
    return number


def _share(value: float) -> float:
    number = _finite(value)
    if not 0 <= number <= 1:
        raise ValueError(f"same_event must be in 0..1, not {value}")
    return number


def _rounded(value: float) -> float:
    return float(f"{float(value):.5g}")
