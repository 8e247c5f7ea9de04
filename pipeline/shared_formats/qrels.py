"""Judgements of follow-ups in the format of TREC: "query 0 story grade", a line each.

A grade above 0 follows the query up, 0 does not, below 0 is left open. Stories that no line names do not follow it up,
unless the query has the line "query 0 * -1": then all of these are left open, as for a desk that marked a few of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pipeline.errors import SettingsError

ALL_OTHERS = "*"
JUDGED_DAYS = 365  # days that judges look ahead: what came later is not judged, unless they name it
_GRADE = re.compile(r"-?[0-9]+")

Named = TypeVar("Named", str, int)
"""What stories go by: uris where they are read, lineages once they are found in a store."""


@dataclass(frozen=True, slots=True)
class QueryJudgements(Generic[Named]):
    """What is said of one query's stories. right: with their grades, above 0. open: these count for neither side, and
    where ``rest_open`` neither do those that are not named."""

    right: Mapping[Named, int]
    wrong: frozenset[Named] = frozenset()
    open: frozenset[Named] = frozenset()
    rest_open: bool = False

    def names(self, story: Named) -> bool:
        """Whether it is said to be right, or wrong."""
        return story in self.right or story in self.wrong

    def counts(self, story: Named) -> bool:
        """Whether anything is said of this story."""
        return self.names(story) or not (self.rest_open or story in self.open)


def parse_qrels(text: str, where: str) -> dict[str, QueryJudgements[str]]:
    """Query -> what is judged of it; of two lines on one story the last holds. Raises SettingsError naming the line."""
    grades: dict[str, dict[str, int]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 4 or not _GRADE.fullmatch(parts[3]):
            raise SettingsError(f"{where}, line {number}: expected 'query 0 story relevance', got {line[:80]!r}")
        query, _, uri, grade = parts
        grades.setdefault(query, {})[uri] = int(grade)
    return {query: _judged(found) for query, found in grades.items()}


def _judged(grades: Mapping[str, int]) -> QueryJudgements[str]:
    return QueryJudgements(
        right={uri: grade for uri, grade in grades.items() if grade > 0},
        wrong=frozenset(uri for uri, grade in grades.items() if grade == 0),
        open=frozenset(uri for uri, grade in grades.items() if grade < 0) - {ALL_OTHERS},
        rest_open=grades.get(ALL_OTHERS, 0) < 0,
    )
