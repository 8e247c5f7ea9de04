"""Judgements of follow-ups in the format of TREC's qrels files: "query 0 story grade", a line for each judged story.

A grade above 0 says that the story follows the query up, 0 that it does not, below 0 that this is left open. Stories
that no line names do not follow the query up, unless the query has the line "query 0 * -1": then all of these are left
open, as for a newsroom that marked a few of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pipeline.errors import SettingsError

ALL_OTHERS = "*"  # in place of a story: all that no line names
JUDGED_DAYS = 365  # days that judges look ahead: what came later is not judged, unless they name it
_GRADE = re.compile(r"-?[0-9]+")

StoryName = TypeVar("StoryName", str, int)
"""What stories go by: uris in a file, lineages once they are looked up in a store."""


@dataclass(frozen=True, slots=True)
class QueryJudgements(Generic[StoryName]):
    """What is judged of one query's stories.

    Attributes:
        right: Stories that follow the query up, with their grades above 0.
        wrong: Stories that do not.
        open: Stories that are left open: they count neither as right nor as wrong.
        rest_open: Whether stories that are not named are left open, too. Otherwise they count as wrong.
    """

    right: Mapping[StoryName, int]
    wrong: frozenset[StoryName] = frozenset()
    open: frozenset[StoryName] = frozenset()
    rest_open: bool = False

    def is_named(self, story: StoryName) -> bool:
        """Whether a story is named as right or as wrong."""
        return story in self.right or story in self.wrong

    def covers(self, story: StoryName) -> bool:
        """Whether a story counts as right or as wrong, named or not."""
        return self.is_named(story) or not (self.rest_open or story in self.open)


def parse_qrels(text: str, where: str) -> dict[str, QueryJudgements[str]]:
    """Parse a qrels file. Of two lines on one story the last holds.

    Args:
        text: The file's text.
        where: What the file is called in errors.

    Returns:
        Query -> what is judged of its stories.

    Raises:
        SettingsError: A line has another form; the error names it.
    """
    grades: dict[str, dict[str, int]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 4 or not _GRADE.fullmatch(parts[3]):
            raise SettingsError(f"{where}, line {number}: expected 'query 0 story relevance', got {line[:80]!r}")
        query, _, uri, grade = parts
        grades.setdefault(query, {})[uri] = int(grade)
    return {query: _sort_by_grade(query_grades) for query, query_grades in grades.items()}


def _sort_by_grade(grades: Mapping[str, int]) -> QueryJudgements[str]:
    return QueryJudgements(
        right={uri: grade for uri, grade in grades.items() if grade > 0},
        wrong=frozenset(uri for uri, grade in grades.items() if grade == 0),
        open=frozenset(uri for uri, grade in grades.items() if grade < 0) - {ALL_OTHERS},
        rest_open=grades.get(ALL_OTHERS, 0) < 0,
    )
