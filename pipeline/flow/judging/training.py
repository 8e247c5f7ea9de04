"""Training the ranking on judged follow-ups, and saying which weights rank."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.progress import SILENT, Progress
from pipeline.relate.ranking.weights import shipped_weights, write_weights
from pipeline.relate.training.fit import read_threads
from pipeline.relate.training.training_examples import TrainingExamples, add_examples, fitted_weights
from pipeline.wiring import Adapters

__all__ = ["Training", "TrainingExamples", "fit_weights"]


class Training:
    """Training the ranking on judged follow-ups."""

    def __init__(self, adapters: Adapters) -> None:
        self._adapters = adapters

    def add_examples(self, folder: Path, examples: TrainingExamples, progress: Progress = SILENT) -> None:
        """Add what the judgements in a folder teach to ``examples``. The installation has to hold their stories.

        Args:
            folder: Judgements in the format of ``wirewatch evaluate followups``.
            examples: Added to; those of several sets may be fitted together.
            progress: Shown one step per thread.

        Raises:
            SettingsError: The folder has no judgements, or they cannot be read.
        """
        threads = read_threads(folder)
        add_examples(
            self._adapters.store,
            self._adapters.index,
            threads,
            examples,
            lambda: progress.advance("learn", 1, len(threads)),
        )

    def weights_about(self) -> str:
        """How the weights that rank were made, and which stories other weights rank."""
        weights = self._adapters.weights or shipped_weights()
        return weights.about if weights.headlines else f"{weights.about}; full stories by the plain weights"


def fit_weights(examples: TrainingExamples, sets: Sequence[str]) -> str:
    """The text of a weights file that is fitted to examples.

    Args:
        examples: Of one or several sets.
        sets: The names of the sets, for the file.

    Raises:
        SettingsError: There are no examples to learn from.
    """
    return write_weights(fitted_weights(examples, f"fitted to {', '.join(sets)} ({examples.threads} threads)"))
