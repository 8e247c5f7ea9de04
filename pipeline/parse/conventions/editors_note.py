"""Editors' notes: what a note in brackets says of a take's place in its story: "(Corrects spelling in paragraph 2)"."""

import re

from pipeline.models import TakeKind
from pipeline.wire.take_line import FIRST, TakeRole

_LONGEST = 800
_VERBS = (
    ("add", TakeKind.UPDATE),
    ("updat", TakeKind.UPDATE),
    ("recast", TakeKind.UPDATE),
    ("rewrit", TakeKind.UPDATE),
    ("writes through", TakeKind.UPDATE),
    ("writes thru", TakeKind.UPDATE),
    ("releads", TakeKind.UPDATE),
    ("new throughout", TakeKind.UPDATE),
    ("correct", TakeKind.CORRECTION),
    ("clarif", TakeKind.CORRECTION),
    ("fix", TakeKind.CORRECTION),
    ("removes", TakeKind.CORRECTION),
    ("deletes", TakeKind.CORRECTION),
    ("berichtig", TakeKind.CORRECTION),
    ("korrektur", TakeKind.CORRECTION),
    ("korrigiert", TakeKind.CORRECTION),
    ("rectifi", TakeKind.CORRECTION),
    ("refil", TakeKind.REFILE),
    ("repeat", TakeKind.REPEAT),
)
_OPENING = re.compile(r"\(\s?(?:" + "|".join(verb for verb, _ in _VERBS) + r"|official correct|this\s)", re.I)
_TO_EDITORS = re.compile(r"(?:eds?|ednote|editors?|note to editors)\s?[:.]", re.I)  # "Eds: CORRECTS: the year"
_BEFORE_THE_VERB = re.compile(r"^[\s(]+")
_ABOUT_THE_STORY = re.compile(
    r"\(\s?this\s(?:[\w.,]{1,12}\s){0,4}(?:story|version|item|article|copy|dispatch)\b[^()]{0,60}?\b"
    r"(?P<verb>correct|clarif|fix|refil|repeat|updat|add|recast|withdraw|remov|kill)",
    re.I,
)


def note_end(text: str, start: int) -> int | None:
    """Return where the editor's note that begins at ``start`` ends: "(Adds quotes, background)"; None if none does."""
    if not text.startswith("(", start) or not _OPENING.match(text, start):
        return None
    depth = 0
    for index in range(start, min(len(text), start + _LONGEST)):
        if text[index] == "(":
            depth += 1
        elif text[index] == ")":
            depth -= 1
            if depth == 0:
                return index + 1
    return None


def read_note(note: str) -> TakeRole:
    """Read what an editor's note says: "(Corrects spelling in paragraph 2)" is a correction; ``FIRST`` if nothing."""
    about = _ABOUT_THE_STORY.match(note) or _ABOUT_THE_STORY.match(f"({note}")
    if about:
        verb = about["verb"].lower()
        if verb in {"withdraw", "kill"}:
            return TakeRole(TakeKind.KILL, note=note)
        kind = next((kind for opening, kind in _VERBS if verb.startswith(opening)), TakeKind.CORRECTION)
        return TakeRole(kind, corrected=kind is TakeKind.CORRECTION, note=note)
    words = _BEFORE_THE_VERB.sub("", _TO_EDITORS.sub("", note)).lower()
    if words.startswith("official correct"):
        return TakeRole(TakeKind.CORRECTION, corrected=True, note=note)
    for opening, kind in _VERBS:
        if words.startswith(opening):
            return TakeRole(kind, corrected=kind is TakeKind.CORRECTION, note=note)
    return FIRST
