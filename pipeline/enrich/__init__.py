"""Enrich: what a take tells beyond its words. ``build_tagger`` is the way in.

    build_tagger(model, gazetteer, embedder, processes).tag(takes) -> one Enrichment or Rejected per take, in order

- ``tagger``: the flow of one batch; from takes to enrichments in this process.
- ``text``: the text that is tagged, without oddities; its words, terms and language; spelling variants.
- ``gazetteer``: names that are known beforehand, read from YAML files, and how they are matched.
- ``ner``: which words name something, and what kind of thing. Model, gazetteer and context are weighed.
- ``linking``: which entity each naming means, and how much the story is about it.
- ``features``: dates, amounts, topics, event type, key terms, vector and signature.
- ``pool``: the same tagger in several processes.

Importing this package is cheap. Models load when a tagger is built (one process) or first used (several). The shipped
gazetteer is ``gazetteer/data``. The user's folder is laid over it.
"""

from pathlib import Path

from pipeline.models import EntityType
from pipeline.ports import Tagger

__all__ = ["build_tagger", "entity_ids", "ids_from_stories"]


def build_tagger(
    model: str = "en_core_web_sm", *, gazetteer: Path | None = None, embedder: str = "wordllama", processes: int = 1
) -> Tagger:
    """Build a tagger.

    Args:
        model: An installed spaCy pipeline, or ``blank`` for the gazetteer alone.
        gazetteer: The user's folder of gazetteer files; None where there is none.
        embedder: ``wordllama``, or a sentence-transformer on this machine.
        processes: With several, each loads the models once and is kept until the tagger is closed.

    Raises:
        SettingsError: The model is not installed, or the gazetteer has mistakes. With several processes this is raised
            at first use.
    """
    if processes > 1:
        from pipeline.enrich.pool.pooled_tagger import PooledTagger

        return PooledTagger(model, gazetteer, embedder, processes)
    from pipeline.enrich.features.embeddings import load_embedder
    from pipeline.enrich.gazetteer.knowledge import load_knowledge
    from pipeline.enrich.ner.spacy_model import load_model
    from pipeline.enrich.tagger import LocalTagger

    return LocalTagger(load_model(model), load_knowledge(gazetteer), load_embedder(embedder))


def ids_from_stories(name: str, kind: EntityType | None = None) -> list[str]:
    """List the ids of an entity of this name that only stories know. ``kind`` None: of every kind."""
    from pipeline.text.designations import join_designation
    from pipeline.text.fold import slug

    kinds = EntityType if kind is None else (kind,)
    ids = [f"{entity_type.value}:{slug(name)}" for entity_type in kinds]
    if kind in (None, EntityType.PRODUCT):
        ids.append(f"{EntityType.PRODUCT.value}:{join_designation(name)}")
    return list(dict.fromkeys(ids))


def entity_ids(name: str, gazetteer: Path | None) -> list[str]:
    """List the ids that an entity of this name may have: the gazetteer's first, then those known only from stories.

    Args:
        name: The entity's name.
        gazetteer: The user's gazetteer folder; None where there is none.

    Raises:
        SettingsError: The gazetteer has mistakes.
    """
    from pipeline.enrich.gazetteer.knowledge import load_knowledge
    from pipeline.text.fold import slug

    matches = load_knowledge(gazetteer).gazetteer.find(name)
    known = [f"gaz:{match.entry.id}" for match in matches if match.end - match.start == len(name)]
    return list(dict.fromkeys([*known, f"gaz:{slug(name)}", *ids_from_stories(name)]))
