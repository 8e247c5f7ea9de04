"""The ranking's numbers: one weight a feature, as data that ``train`` makes."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from pipeline.errors import SettingsError
from pipeline.relate.comparison import FEATURES
from pipeline.relate.features import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A logistic model: score = 1 / (1 + exp(-(bias + sum of weight * (feature - mean)))).

    about: how the numbers came to be.
    """

    about: str
    bias: float
    means: Floats
    weights: Floats


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
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"the ranking weights in {where} cannot be read: {error!r}: train them again") from error


def write_weights(weights: Weights) -> str:
    """The JSON text that ``read_weights`` reads."""
    features = {
        name: {"mean": _rounded(mean), "weight": _rounded(weight)}
        for name, mean, weight in zip(FEATURES, weights.means, weights.weights, strict=True)
    }
    content = {"about": weights.about, "bias": _rounded(weights.bias), "features": features}
    return json.dumps(content, indent=1) + "\n"


@cache
def shipped_weights() -> Weights:
    """The weights that come with the package."""
    text = files("pipeline.relate").joinpath("weights.json").read_text(encoding="utf-8")
    return read_weights(text, "pipeline/relate/weights.json")


def _number(value: float) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is not a finite number")
    return number


def _rounded(value: float) -> float:
    return float(f"{float(value):.5g}")
