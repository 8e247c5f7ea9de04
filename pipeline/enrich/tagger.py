"""Tagging takes in this process, in batches.

take -> body without dateline and trailer -> normalised text -> windows -> model spans --+
                                               |-> gazetteer matches --------------------+-> spans -> entities
                                               '-> terms -> key terms, event type, topics; dates; amounts; vector
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.enrich.features.amounts import find_amounts
from pipeline.enrich.features.dates import find_dates
from pipeline.enrich.features.embeddings import Embedder
from pipeline.enrich.features.event_type import classify_event
from pipeline.enrich.features.keyterms import select_keyterms
from pipeline.enrich.features.minhash import ALGORITHM, compute_signature
from pipeline.enrich.features.topics import classify_topics
from pipeline.enrich.gazetteer.knowledge import Knowledge
from pipeline.enrich.gazetteer.matcher import GazetteerMatch
from pipeline.enrich.linking.entity_linker import EntityLinker, LinkedSpan
from pipeline.enrich.linking.salience import rank_entities
from pipeline.enrich.ner.dateline_names import find_dateline_names
from pipeline.enrich.ner.mention_resolver import MentionResolver
from pipeline.enrich.ner.spacy_model import ModelSpan, NoModel, SpacyModel
from pipeline.enrich.text.language import SAMPLE, detect_language
from pipeline.enrich.text.normalized_text import NormalizedText, normalize_text
from pipeline.enrich.text.terms import Lemmas, count_terms, read_terms
from pipeline.enrich.text.windows import cut_windows
from pipeline.models import Enrichment, EntityType, Field, Mention, Rejected, Span, StoredTake, Story
from pipeline.text.fold import slug
from pipeline.wire.body import body_span
from pipeline.wire.take_line import headline_span

CODE_REVISION = "5"  # raise it by hand whenever this package would answer differently
_CHUNK_CHARACTERS = 60_000  # enough for the model to be fast, little enough to share out evenly and to fit in memory
_CHUNK_TAKES = 256
_SURE_OF_DATELINE = 0.9  # confidence of a mention in the dateline, which parsing has marked
_PAYLOAD = 1_000_000  # bytes kept of a rejected text
_CAPITALISED = re.compile(r"\b[A-Z][a-z]+\b")


@dataclass(slots=True)
class _Draft:
    """One take while it is tagged.

    Attributes:
        take: The take.
        body: Its body without dateline and trailer.
        language: The language of the text, None where it is unknown.
        texts: The normalised text of each field.
        modelled: What the model found in each field.
    """

    take: StoredTake
    body: Span
    language: str | None
    texts: dict[Field, NormalizedText]
    modelled: dict[Field, list[ModelSpan]]


class LocalTagger:
    """One model, one gazetteer and one embedder in this process."""

    def __init__(self, model: SpacyModel | NoModel, knowledge: Knowledge, embedder: Embedder) -> None:
        self._model, self._gazetteer = model, knowledge.gazetteer
        self._adjectives = knowledge.adjectives
        self._resolver = MentionResolver(knowledge)
        self._linker = EntityLinker(knowledge.lexicon, knowledge.people, knowledge.places)
        self._embedder = embedder
        self._lemmas: dict[str | None, Lemmas] = {}
        self.revision = compute_revision(model.identity, knowledge.digest, embedder.identity)

    def tag(self, takes: Iterable[StoredTake]) -> Iterator[Enrichment | Rejected]:
        """See ``pipeline.ports.Tagger.tag``. It reads ahead by at most one batch."""
        for chunk in split_chunks(takes):
            yield from self.tag_batch(chunk)

    def close(self) -> None:
        """See ``pipeline.ports.Tagger.close``. There are no processes to end."""

    def tag_batch(self, takes: Sequence[StoredTake]) -> list[Enrichment | Rejected]:
        """Tag a batch. Where it fails, it is tagged take by take, so that only the culprit is rejected."""
        try:
            return list(self._enrich(takes))
        except (ValueError, ArithmeticError, LookupError, RuntimeError, MemoryError) as error:
            if len(takes) == 1:
                return [reject(takes[0], f"it cannot be tagged: {type(error).__name__}: {error}")]
            return [answer for take in takes for answer in self.tag_batch([take])]

    def _enrich(self, takes: Sequence[StoredTake]) -> Iterator[Enrichment]:
        drafts = [self._prepare(take) for take in takes]
        self._run_model(drafts)
        embedded_texts = [f"{draft.texts[Field.HEADLINE].text}\n{draft.texts[Field.BODY].text}" for draft in drafts]
        for draft, vector in zip(drafts, self._embedder.vectors(embedded_texts), strict=True):
            yield self._complete(draft, vector)

    def _prepare(self, take: StoredTake) -> _Draft:
        story = take.story
        headline, body = headline_span(story.headline), body_span(story)
        texts = {
            Field.HEADLINE: normalize_text(story.headline, headline.start, headline.end),
            Field.BODY: normalize_text(story.body, body.start, body.end),
        }
        language = detect_language(f"{texts[Field.HEADLINE].text}\n{texts[Field.BODY].text[:SAMPLE]}", story.language)
        return _Draft(take, body, language, texts, {field: [] for field in texts})

    def _run_model(self, drafts: Sequence[_Draft]) -> None:
        pieces: list[tuple[_Draft, Field, int, int]] = []
        for draft in drafts:
            if self._model.language not in (None, draft.language or self._model.language):
                continue
            for field, normalized in draft.texts.items():
                if normalized.text and not normalized.text.isspace():
                    pieces += [(draft, field, start, end) for start, end in cut_windows(normalized.text)]
        texts = [draft.texts[field].text[start:end] for draft, field, start, end in pieces]
        for (draft, field, start, _), spans in zip(pieces, self._model.spans(texts), strict=True):
            known = draft.modelled[field]
            last = known[-1].end if known else 0
            known += [
                ModelSpan(span.start + start, span.end + start, span.type, span.label)
                for span in spans
                if span.start + start >= last  # windows may overlap
            ]

    def _complete(self, draft: _Draft, vector: bytes | None) -> Enrichment:
        story = draft.take.story
        headline, body = draft.texts[Field.HEADLINE].text, draft.texts[Field.BODY].text
        texts = {Field.HEADLINE: headline, Field.BODY: body}
        named = self._linker.link(self._resolver.resolve(texts, draft.modelled), texts, _publication_day(story))
        lemmas = self._lemmas_for(draft.language)
        english = draft.language in (None, "en")
        headline_tokens, body_tokens = list(read_terms(headline, lemmas)), list(read_terms(body, lemmas))
        in_names = {term for item in named for term, _, _ in read_terms(item.name, lemmas) if term}
        terms, headline_terms = count_terms(body_tokens), count_terms(headline_tokens)
        return Enrichment(
            version_id=draft.take.version_id,
            revision=self.revision,
            language=draft.language,
            mentions=(*self._dateline_mentions(draft), *_make_mentions(draft, named)),
            entities=rank_entities(named, self._spoken_of(body)),
            terms=terms,
            headline_terms=headline_terms,
            keyterms=select_keyterms(headline_tokens, body_tokens, body, in_names),
            event_type=classify_event([t for t, _, _ in headline_tokens if t], [t for t, _, _ in body_tokens if t]),
            amounts=find_amounts(f"{headline}\n{body}"),
            dates=find_dates(f"{headline}\n{body}", _publication_day(story)) if english else (),
            topics=classify_topics(terms, headline_terms) if english and not story.topics else (),
            vector=vector,
            signature=compute_signature(story.body[draft.body.start : draft.body.end]),
        )

    def _lemmas_for(self, language: str | None) -> Lemmas:
        lemmas = self._lemmas.get(language)
        if lemmas is None:
            lemmas = self._lemmas[language] = Lemmas(language)
        return lemmas

    def _spoken_of(self, text: str) -> Iterator[tuple[str, str, EntityType, int]]:
        for match in _CAPITALISED.finditer(text):
            entry = self._adjectives.get(match.group())
            if entry is not None:
                yield f"gaz:{entry.id}", entry.name, entry.type, match.start()

    def _dateline_mentions(self, draft: _Draft) -> Iterator[Mention]:
        body = draft.take.story.body
        for name in find_dateline_names(draft.take.story):
            text = body[name.start : name.end]
            entry = _whole_match(self._gazetteer.find(text), len(text))
            canonical = entry.entry.name if entry else _in_usual_case(text, name.type)
            entity_id = f"gaz:{entry.entry.id}" if entry else f"{name.type.value}:{slug(canonical)}"
            kind = entry.entry.type if entry else name.type
            yield Mention(
                Field.BODY, name.start, name.end, text, kind, canonical, entity_id, "dateline", _SURE_OF_DATELINE
            )


def compute_revision(model_identity: str, gazetteer_digest: str, embedder_identity: str) -> str:
    """Identify what decides a tagger's answers: model, gazetteer, embedder and code together."""
    identity = f"{model_identity} {gazetteer_digest} {embedder_identity} {ALGORITHM} {CODE_REVISION}"
    return f"{model_identity}+{hashlib.blake2b(identity.encode(), digest_size=6).hexdigest()}"


def split_chunks(takes: Iterable[StoredTake]) -> Iterator[list[StoredTake]]:
    """Split takes, in order, into batches of bounded text."""
    chunk: list[StoredTake] = []
    characters = 0
    for take in takes:
        chunk.append(take)
        characters += len(take.story.body) + 100
        if characters >= _CHUNK_CHARACTERS or len(chunk) >= _CHUNK_TAKES:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def reject(take: StoredTake, reason: str) -> Rejected:
    """Answer for a take that cannot be tagged."""
    payload = f"{take.story.headline}\n\n{take.story.body}".encode(errors="replace")[:_PAYLOAD]
    return Rejected(take.origin, f"take {take.version_id} ({take.story.uri})", reason, payload)


def _in_usual_case(text: str, kind: EntityType) -> str:
    shouted = text.isupper() and len(text) > 4 and kind is EntityType.PLACE
    return text.title() if shouted else text


def _publication_day(story: Story) -> date | None:
    moment = story.published_at or story.updated_at
    return moment.date() if moment else None


def _make_mentions(draft: _Draft, named: Sequence[LinkedSpan]) -> Iterator[Mention]:
    texts = {Field.HEADLINE: draft.take.story.headline, Field.BODY: draft.take.story.body}
    for item in named:
        span = item.span
        start, end = draft.texts[span.field].span(span.start, span.end)
        text = texts[span.field][start:end]
        yield Mention(span.field, start, end, text, span.type, item.name, item.entity_id, span.by, span.confidence)


def _whole_match(matches: Sequence[GazetteerMatch], length: int) -> GazetteerMatch | None:
    return next((match for match in matches if match.start == 0 and match.end == length), None)
