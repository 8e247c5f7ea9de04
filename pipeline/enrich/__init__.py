"""Enrich: a take -> entities, terms, key terms, vector, copy signature. ``build_tagger`` is the way in.

    build_tagger(model, gazetteer, processes).tag(takes) -> one Enrichment or Rejected a take, in order

Importing this package is cheap; models load when a tagger is built (one process) or first used (several).
"""

from pathlib import Path

from pipeline.ports import Tagger

__all__ = ["build_tagger"]


def build_tagger(model: str = "en_core_web_sm", *, gazetteer: Path, processes: int = 1) -> Tagger:
    """A tagger with an installed spaCy pipeline (or ``blank``: gazetteer alone) and a folder of gazetteer files.

    With several processes, each loads the model once and is kept until the program ends. Raises SettingsError for a
    model that isn't installed or a gazetteer with mistakes; with several processes, at first use.
    """
    if processes > 1:
        from pipeline.enrich.pool import PooledTagger

        return PooledTagger(model, gazetteer, processes)
    from pipeline.enrich.knowledge import load_knowledge
    from pipeline.enrich.model import load_model
    from pipeline.enrich.tagger import LocalTagger

    return LocalTagger(load_model(model), load_knowledge(gazetteer))
