"""What model, gazetteer and context each contribute to the tags: exact F1, each alone and together.

    python -m tests.benchmarks.entity_parts GOLD.jsonl...

A GOLD line is {"uri", "body_text", "entities": [[start, end, type], ...]}. Articles before a name, white space and
possessives around it do not count. "With context" adds names' edges, grammar, one sense a document and spreading.
"""

import argparse
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.enrich.features.embeddings import StaticEmbedder
from pipeline.enrich.gazetteer.knowledge import Knowledge, load_knowledge
from pipeline.enrich.gazetteer.known_people import KnownPeople
from pipeline.enrich.gazetteer.matcher import Gazetteer
from pipeline.enrich.ner.mention_resolver import without_overlaps
from pipeline.enrich.ner.name_spans import NameSpan, certain_forms, gazetteer_spans, model_spans
from pipeline.enrich.ner.spacy_model import NoModel, SpacyModel, load_model
from pipeline.enrich.tagger import LocalTagger
from pipeline.models import Enrichment, EntityType, Field, Origin, StoredTake, Story

_KINDS = (EntityType.PERSON, EntityType.ORGANIZATION, EntityType.PLACE)
_LEAD = re.compile(r"\s*(?:the\s+)?", re.IGNORECASE)
_TAIL = re.compile(r"(?:['’]s)?\s*$")

Span = tuple[int, int, str]
Tag = Callable[[Sequence[str]], list[set[Span]]]


@dataclass(frozen=True, slots=True)
class Document:
    """A text and what it names."""

    text: str
    gold: frozenset[Span]


def read(path: Path) -> list[Document]:
    """The documents of a gold file."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [
        Document(row["body_text"], frozenset(trimmed(row["body_text"], *span) for span in row["entities"]))
        for row in rows
    ]


def trimmed(text: str, start: int, end: int, kind: str) -> Span:
    """A span without article, white space and possessive."""
    written = text[start:end]
    lead, tail = _LEAD.match(written), _TAIL.search(written)
    left = lead.end() if lead else 0
    right = tail.start() if tail else len(written)
    return start + left, start + max(right, left + 1), kind


def f1(documents: Sequence[Document], tagged: Iterable[set[Span]]) -> float:
    """Exact F1 over people, organizations and places."""
    kinds = {kind.value for kind in _KINDS}
    right = given = wanted = 0
    for document, spans in zip(documents, tagged, strict=True):
        gold = {span for span in document.gold if span[2] in kinds}
        got = {trimmed(document.text, *span) for span in spans if span[2] in kinds}
        right, given, wanted = right + len(gold & got), given + len(got), wanted + len(gold)
    return 2 * right / (given + wanted) if given + wanted else 0.0


def without_context(model: SpacyModel | NoModel, gazetteer: Gazetteer) -> Tag:
    """Model spans and certain gazetteer matches as they are; the longer wins."""

    def tag(texts: Sequence[str]) -> list[set[Span]]:
        spans_of_documents = []
        for text, modelled in zip(texts, model.spans(texts), strict=True):
            matches = gazetteer.find(text)
            known = gazetteer_spans(Field.BODY, text, matches, modelled, certain_forms(matches))
            spans: list[NameSpan] = without_overlaps([*known, *model_spans(Field.BODY, text, modelled)])
            spans_of_documents.append({(span.start, span.end, span.type.value) for span in spans})
        return spans_of_documents

    return tag


def with_context(model: SpacyModel | NoModel, knowledge: Knowledge) -> Tag:
    """The whole tagger over a model and a gazetteer, either of which may be empty."""
    tagger = LocalTagger(model, knowledge, StaticEmbedder())
    now = datetime.now(UTC)

    def tag(texts: Sequence[str]) -> list[set[Span]]:
        takes = (
            StoredTake(
                version_id=number, lineage=number, version=1, story=Story(uri=str(number), body=text),
                origin=Origin("benchmark", "", now),
            )
            for number, text in enumerate(texts)
        )  # fmt: skip
        return [
            {(m.start, m.end, m.type.value) for m in answer.mentions if m.field is Field.BODY}
            for answer in tagger.tag(takes)
            if isinstance(answer, Enrichment)
        ]

    return tag


def settings(model_name: str, folder: Path | None) -> dict[str, Tag]:
    """Every combination of the three parts."""
    model, knowledge = load_model(model_name), load_knowledge(folder)
    nothing = replace(knowledge, gazetteer=Gazetteer([]), people=KnownPeople([]))
    return {
        "model": without_context(model, nothing.gazetteer),
        "gazetteer": without_context(NoModel(), knowledge.gazetteer),
        "context": with_context(NoModel(), nothing),
        "model + gazetteer": without_context(model, knowledge.gazetteer),
        "model + context": with_context(model, nothing),
        "gazetteer + context": with_context(NoModel(), knowledge),
        "all three": with_context(model, knowledge),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, a row a combination, a column a gold file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("gold", nargs="+", type=Path)
    parser.add_argument("--model", default="en_core_web_sm")
    parser.add_argument("--gazetteer", type=Path, help="a folder over the shipped one")
    chosen = parser.parse_args(arguments)
    sets = {path.stem: read(path) for path in chosen.gold}
    print(f"{'':22}" + "".join(f"{name:>20}" for name in sets))
    for name, tag in settings(chosen.model, chosen.gazetteer).items():
        scores = [f1(documents, tag([document.text for document in documents])) for documents in sets.values()]
        print(f"{name:22}" + "".join(f"{score:20.3f}" for score in scores), flush=True)


if __name__ == "__main__":
    main()
