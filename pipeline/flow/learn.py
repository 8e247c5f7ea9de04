"""Training the ranking on judged follow-ups, and saying which weights rank."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.progress import SILENT, Progress
from pipeline.relate.ranking.weights import shipped_weights, write_weights
from pipeline.relate.training.fit import read_threads
from pipeline.relate.training.training_set import Lessons, learn, weights_from
from pipeline.wiring import Parts

__all__ = ["Lessons", "learn_from", "trained", "weights_about"]


def learn_from(parts: Parts, folder: Path, lessons: Lessons, progress: Progress = SILENT) -> None:
    """Add what the judgements in ``folder`` teach; ``parts`` hold its stories. Raises SettingsError."""
    threads = read_threads(folder)
    learn(parts.store, parts.index, threads, lessons, lambda: progress.advance("learn", 1, len(threads)))


def trained(lessons: Lessons, sets: Sequence[str]) -> str:
    """The text of a weights file fitted to these lessons. Raises SettingsError if they teach nothing."""
    return write_weights(weights_from(lessons, f"fitted to {', '.join(sets)} ({lessons.threads} threads)"))


def weights_about(parts: Parts) -> str:
    """How the weights that rank came to be, and for which stories they do not rank."""
    weights = parts.weights or shipped_weights()
    return weights.about if weights.headlines else f"{weights.about}; full stories by the plain weights"
