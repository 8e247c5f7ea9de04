"""Enrich: a take -> entities, terms, key terms, vector, copy signature. ``build_tagger`` is the way in.

    build_tagger(model, gazetteer, embedder, processes).tag(takes) -> one Enrichment or Rejected a take, in order

Importing this package is cheap; models load when a tagger is built (one process) or first used (several).
The shipped gazetteer is ``gazetteer/data``; the user's folder is laid over it.
"""

from pathlib import Path

from pipeline.models import EntityType
from pipeline.ports import Tagger

__all__ = ["build_tagger", "entity_ids", "ids_from_stories"]


def build_tagger(
    model: str = "en_core_web_sm", *, gazetteer: Path | None = None, embedder: str = "wordllama", processes: int = 1
) -> Tagger:
    """A tagger with an installed spaCy pipeline (or ``blank``: gazetteer alone) and a folder of gazetteer files.

    embedder: ``wordllama``, or a sentence-transformer on this machine. With several processes, each loads the models
    once and is kept until the program ends. Raises SettingsError for a model that isn't installed or a gazetteer with
    mistakes; with several processes, at first use.
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
    """The ids that an entity of this name has where only stories know it, of one kind or any."""
    from pipeline.text.designations import join_designation
    from pipeline.text.fold import slug

    kinds = EntityType if kind is None else (kind,)
    ids = [f"{entity_type.value}:{slug(name)}" for entity_type in kinds]
    if kind in (None, EntityType.PRODUCT):
        ids.append(f"{EntityType.PRODUCT.value}:{join_designation(name)}")
    return list(dict.fromkeys(ids))


def entity_ids(name: str, gazetteer: Path | None) -> list[str]:
    """The ids that an entity of this name may have: the gazetteer's first, then those known only from stories.

    Args:
        name: the entity's name.
        gazetteer: the user's gazetteer folder; None where there is none.

    Raises:
        SettingsError: the gazetteer has mistakes.
    """
    from pipeline.enrich.gazetteer.knowledge import load_knowledge
    from pipeline.text.fold import slug

    matches = load_knowledge(gazetteer).gazetteer.find(name)
    known = [f"gaz:{match.entry.id}" for match in matches if match.end - match.start == len(name)]
    return list(dict.fromkeys([*known, f"gaz:{slug(name)}", *ids_from_stories(name)]))
