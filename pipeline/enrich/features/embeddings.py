"""Text embeddings: static ones, fast enough for every story, or those of an installed sentence-transformer."""

import logging
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.errors import SettingsError

STATIC = "wordllama"
DIMENSIONS = 256  # of the static ones
_LONGEST = 8_000  # characters read: the mean hardly moves after that, and its cost stays bounded


class Embedder(Protocol):
    """Turns texts into vectors.

    Attributes:
        identity: A name that changes whenever the vectors do.
    """

    identity: str

    def vectors(self, texts: Sequence[str]) -> list[bytes | None]:
        """Embed texts.

        Returns:
            One unit-length vector per text as little-endian float16 values; None for a text without tokens.
        """


class _Tokenizer(Protocol):
    def encode_batch_fast(self, texts: list[str], *, add_special_tokens: bool) -> list[Any]: ...


class StaticEmbedder:
    """The mean of WordLlama's token vectors. The package carries them; nothing is downloaded."""

    identity = STATIC

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
        """See ``Embedder.vectors``. A vector has 256 values."""
        encoded = self._tokenizer.encode_batch_fast([text[:_LONGEST] for text in texts], add_special_tokens=False)
        return [_pack_unit_vector(self._vectors[item.ids].mean(axis=0)) if item.ids else None for item in encoded]


class SentenceEmbedder:
    """A sentence-transformer on this machine: a folder, a package that carries one, or a name in its own cache.

    Raises SettingsError where the library or the model is missing; nothing is downloaded.
    """

    def __init__(self, name: str) -> None:
        try:
            library = import_module("sentence_transformers")
        except ImportError as error:
            raise SettingsError(
                f"the embedder {name!r} needs sentence-transformers, which cannot be loaded ({error}): "
                f"pip install sentence-transformers, or set {STATIC!r}"
            ) from error
        try:
            self._model: Any = library.SentenceTransformer(_model_path(name), local_files_only=True)
        except (OSError, ValueError, RuntimeError) as error:
            raise SettingsError(
                f"there is no sentence-transformer {name!r} on this machine ({error}): give a folder, an installed "
                f"package that carries one, or a name in the library's cache; or set {STATIC!r}"
            ) from error
        size = len(self._model.encode(["size"], show_progress_bar=False)[0])
        self.identity = f"{Path(name).name}-{size}"

    def vectors(self, texts: Sequence[str]) -> list[bytes | None]:
        """See ``Embedder.vectors``. A vector has as many values as the model gives."""
        positions = [position for position, text in enumerate(texts) if text.strip()]
        answers: list[bytes | None] = [None] * len(texts)
        if positions:
            excerpts = [texts[position][:_LONGEST] for position in positions]
            for position, vector in zip(positions, self._model.encode(excerpts, show_progress_bar=False), strict=True):
                answers[position] = _pack_unit_vector(np.asarray(vector, dtype=np.float32))
        return answers


def load_embedder(name: str) -> Embedder:
    """The static embedder, or a sentence-transformer by name. Raises SettingsError."""
    return StaticEmbedder() if name == STATIC else SentenceEmbedder(name)


def _model_path(name: str) -> str:
    """The model's folder, where an installed package carries it; else the name itself."""
    spec = find_spec(name) if name.isidentifier() else None
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for description in sorted(Path(folder).rglob("modules.json")):
            return str(description.parent)
    return name


def _pack_unit_vector(vector: npt.NDArray[np.float32]) -> bytes | None:
    length = float(np.linalg.norm(vector))
    return (vector / length).astype("<f2").tobytes() if length else None
