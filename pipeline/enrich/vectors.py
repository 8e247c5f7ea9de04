"""Static text embeddings: the mean of WordLlama's token vectors, fast enough for every story."""

import logging
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

DIMENSIONS = 256
_LONGEST = 8_000  # characters read: the mean hardly moves after that, and its cost stays bounded


class _Tokenizer(Protocol):
    def encode_batch_fast(self, texts: list[str], *, add_special_tokens: bool) -> list[Any]: ...


class Embedder:
    """Loads the vectors that the wordllama package carries; nothing is downloaded."""

    def __init__(self) -> None:
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        package = import_module("wordllama")
        root.handlers[:], root.level = handlers, level  # importing wordllama calls logging.basicConfig
        folder = Path(str(package.__file__)).parent
        model = package.WordLlama.load(config="l2_supercat", dim=DIMENSIONS, cache_dir=folder, disable_download=True)
        model.tokenizer.no_padding()
        self._tokenizer: _Tokenizer = model.tokenizer
        self._vectors: npt.NDArray[np.float32] = model.embedding

    def vectors(self, texts: Sequence[str]) -> list[bytes | None]:
        """A unit-length vector a text as 256 little-endian float16 values; None for a text without tokens."""
        encoded = self._tokenizer.encode_batch_fast([text[:_LONGEST] for text in texts], add_special_tokens=False)
        answers: list[bytes | None] = []
        for item in encoded:
            if not item.ids:
                answers.append(None)
                continue
            mean = self._vectors[item.ids].mean(axis=0)
            norm = float(np.linalg.norm(mean))
            answers.append((mean / norm).astype("<f2").tobytes() if norm else None)
        return answers
