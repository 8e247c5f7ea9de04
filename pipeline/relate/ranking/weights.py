"""The ranking's numbers: one weight a feature, as data that ``train`` makes."""

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
from pipeline.relate.ranking.comparison import FEATURES
from pipeline.relate.ranking.features import Floats

BRIEF = 50.0  # telling words (stop words left out): 99 % of the stories that the shipped weights come from have no more


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A logistic model: score = 1 / (1 + exp(-(bias + sum of weight * (feature - mean)))).

    about: how the numbers came to be. words: the telling words that nearly none of the stories exceeds
    that they were learned from. headlines: whether most of those had one. same_event: the part of its score that is
    left to another account of the story's own event.
    """

    about: str
    bias: float
    means: Floats
    weights: Floats
    words: float = BRIEF
    headlines: bool = False
    same_event: float = 1.0


def read_weights(text: str, where: str) -> Weights:
    """Weights from their JSON text. Raises SettingsError naming ``where`` if it is not a set for these features."""
    try:
        found = json.loads(text)
        features: Mapping[str, Any] = found["features"]
        if set(features) != set(FEATURES):
            odd = ", ".join(sorted(set(features) ^ set(FEATURES)))
            raise SettingsError(f"the ranking weights in {where} are for other features ({odd}): train them again")
        return Weights(
            about=str(found["about"]),
            bias=_number(found["bias"]),
            means=np.array([_number(features[name]["mean"]) for name in FEATURES], dtype=np.float32),
            weights=np.array([_number(features[name]["weight"]) for name in FEATURES], dtype=np.float32),
            words=_words(found.get("words", BRIEF)),
            headlines=bool(found.get("headlines", False)),
            same_event=_share(found.get("same_event", 1.0)),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"the ranking weights in {where} cannot be read: {error!r}: train them again") from error


def write_weights(weights: Weights) -> str:
    """The JSON text that ``read_weights`` reads."""
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
    """Weights from a file that ``wirewatch train`` made. Raises SettingsError naming it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(f"the ranking weights in {path} cannot be read: {reason}") from error
    return read_weights(text, str(path))


@cache
def shipped_weights() -> Weights:
    """The weights that come with the package."""
    text = files("pipeline.relate.ranking").joinpath("weights.json").read_text(encoding="utf-8")
    return read_weights(text, "pipeline/relate/ranking/weights.json")


def _number(value: float) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is not a finite number")
    return number


def _words(value: float) -> float:
    number = _number(value)
    if number < 1:
        raise ValueError(f"words must be at least 1, not {value}")
    return number


def _share(value: float) -> float:
    number = _number(value)
    if not 0 <= number <= 1:
        raise ValueError(f"same_event must be in 0..1, not {value}")
    return number


def _rounded(value: float) -> float:
    return float(f"{float(value):.5g}")
