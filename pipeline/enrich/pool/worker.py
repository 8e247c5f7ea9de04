"""The program of one tagging process: ``python -m pipeline.enrich.pool.worker MODEL GAZETTEER EMBEDDER``.

GAZETTEER is the user's folder; an empty argument where there is none.

Its first frame is the revision, or the SettingsError that keeps it from starting. Then it answers every list of takes
by a list of answers, until its input ends.
"""

import gc
import os
import sys
from pathlib import Path

from pipeline.enrich.features.embeddings import load_embedder
from pipeline.enrich.gazetteer.knowledge import load_knowledge
from pipeline.enrich.ner.spacy_model import load_model
from pipeline.enrich.pool.ipc import pack, read_frame, unpack, write_frame
from pipeline.enrich.tagger import LocalTagger
from pipeline.errors import SettingsError


def main(model: str, gazetteer: str, embedder: str) -> None:
    """Serve takes until standard input ends."""
    # Whatever a library prints must not get among the frames.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        tagger = LocalTagger(
            load_model(model), load_knowledge(Path(gazetteer) if gazetteer else None), load_embedder(embedder)
        )
    except SettingsError as error:
        write_frame(out, pack(error))
        return
    gc.freeze()  # the model and the gazetteer stay: they need not be looked through for garbage again and again
    write_frame(out, pack(tagger.revision))
    while True:
        try:
            takes = unpack(read_frame(sys.stdin.buffer))
        except EOFError:
            return
        write_frame(out, pack(list(tagger.tag(takes))))


if __name__ == "__main__":
    main(*sys.argv[1:])
