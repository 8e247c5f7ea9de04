"""Embeddings: the static ones as they are shipped; a sentence-transformer through a stand-in for its library."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pipeline.enrich.features.embeddings import DIMENSIONS, Embedder, load_embedder
from pipeline.errors import SettingsError
from pipeline.settings import load_settings


class StandIn:
    """As ``sentence_transformers.SentenceTransformer``: each letter counts in a place of its own, length is not 1."""

    known: set[str]

    def __init__(self, name_or_folder: str, *, local_files_only: bool) -> None:
        assert local_files_only
        if name_or_folder not in self.known:
            raise OSError(f"{name_or_folder} is not a local folder")

    def encode(self, texts: list[str], *, show_progress_bar: bool) -> Any:
        assert not show_progress_bar
        return np.array([[float(text.count(chr(97 + n))) for n in range(26)] for text in texts])


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> type[StandIn]:
    module = ModuleType("sentence_transformers")
    module.SentenceTransformer = type("SentenceTransformer", (StandIn,), {"known": {"minute"}})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    stand_in: type[StandIn] = module.SentenceTransformer
    return stand_in


def values(embedder: Embedder, text: str) -> Any:
    (packed,) = embedder.vectors([text])
    assert packed is not None
    return np.frombuffer(packed, dtype="<f2").astype(np.float32)


def test_static_vectors_tell_what_is_alike() -> None:
    embedder = load_embedder("wordllama")
    ship, boat, bond = (
        values(embedder, text) for text in ("The ferry sank.", "A boat went down.", "Bond yields rose.")
    )
    assert len(ship) == DIMENSIONS
    assert float(np.linalg.norm(ship)) == pytest.approx(1, abs=1e-3)
    assert ship @ boat > ship @ bond
    assert embedder.vectors([""]) == [None]


def test_a_sentence_transformers_vectors_are_kept_in_its_own_size(library: type[StandIn]) -> None:
    embedder = load_embedder("minute")
    first, blank, last = embedder.vectors(["abba", "  ", "cc"])
    assert blank is None
    assert first is not None
    assert np.frombuffer(first, dtype="<f2")[:3].astype(float).tolist() == pytest.approx([0.707, 0.707, 0], abs=1e-3)
    assert last is not None
    assert len(last) == 2 * 26
    assert embedder.identity == "minute-26"


def test_a_package_may_carry_the_model(library: type[StandIn], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "carried_model" / "weights"
    folder.mkdir(parents=True)
    (folder / "modules.json").write_text("[]", encoding="utf-8")
    (tmp_path / "carried_model" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    library.known.add(str(folder))
    assert load_embedder("carried_model").identity == "carried_model-26"


def test_what_is_missing_is_named(library: type[StandIn], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="no sentence-transformer 'nowhere' on this machine"):
        load_embedder("nowhere")
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(SettingsError, match="pip install sentence-transformers"):
        load_embedder("minute")


def test_a_folder_in_the_settings_is_of_the_home(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    settings = load_settings({"WIREWATCH_HOME": str(tmp_path), "WIREWATCH_EMBEDDER": "model"})
    assert settings.embedder == str(tmp_path / "model")
    assert load_settings({"WIREWATCH_EMBEDDER": "some/name"}).embedder == "some/name"
