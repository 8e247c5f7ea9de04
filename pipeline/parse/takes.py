"""Take lines: what a headline, a slug or an editor's note says about a take's place in its story."""

import re
from dataclasses import dataclass

from pipeline.models import TakeKind

_MOST_PREFIXES = 5
_LONGEST_NOTE = 800

_DASH = r"\s?(?:-{1,2}|[–—:])\s{0,2}(?=\S)"
# In capitals as agencies wire them: "UPDATE 1-Turkey signs", "CORRECTED-(OFFICIAL)-UPDATE 2-", "2ND LD:".
_WIRED = re.compile(
    r"\s{0,8}(?:"
    r"(?P<counted>UPDATE|WRAPUP|WRAP|LEAD|LD|TAKE)\s?(?P<number>\d{1,3})"
    r"|(?P<ordinal>\d{1,3})(?:ST|ND|RD|TH)\s(?P<ordered>LD-WRITETHRU|LEAD-WRITETHRU|WRITETHRU|LD|LEAD|UPDATE|WRAPUP)"
    r"|(?P<plain>CORRECTED|CORRECTION|CORRECTS|CLARIFICATION|REFILED?|REPEAT|REPEATING|RPT|UPDATE|WRAPUP|WITHDRAWN"
    r"|WITHDRAWAL|RECALL|KILL|ADVISORY)(?P<rank>[\s-]?\(OFFICIAL\))?"
    r")" + _DASH
)
# As headlines for readers have them; only with a colon, since these are everyday words.
_READABLE = re.compile(
    r"\s{0,8}(?:"
    r"(?P<counted>Update|Wrapup|Lead)\s(?P<number>\d{1,3})"
    r"|(?P<ordinal>\d{1,3})(?:st|nd|rd|th)\s"
    r"(?P<ordered>L[dD]-Writethru|L[dD]-WRITETHRU|Lead-Writethru|L[dD]|Lead|Update|UPDATE|Wrapup)"
    r"|(?P<plain>Correction|Corrected|Clarification|Update|Updated)(?P<rank>\s\(Official\))?"
    r")\s?:\s{0,2}(?=\S)"
)
_KILL = re.compile(
    r"\s{0,8}(?:(?:BULLETIN|URGENT|MANDATORY|ATTENTION|Mandatory)[\s-]{1,3}(?:KILL|Kill)\b|KILL(?:\sKILL){1,5}\b|=\s?KILL\s?=)"
    r"\s?(?:-{1,2}|[–—:])?\s{0,2}"
)
# "AP-EU--Turkey-Missiles,2nd Ld-Writethru", "TURKEY-DEFENCE/ (UPDATE 2, PIX)", "Turkey signs letter (Update1)"
_SLUG_LEAD = re.compile(r"(?:^|[,\s(-])(\d{1,3})(?:st|nd|rd|th)\s(?:ld|lead|add|sub)\b", re.I)
_SLUG_COUNT = re.compile(r"\((update|wrapup)\s?(\d{1,3})\b", re.I)
_TAIL_MARK = re.compile(
    r"\s\((?:(?P<update>update)\s?(?P<number>\d{1,3})|(?P<correct>correct|corrected|correction))\)\s*$", re.I
)

_KINDS = {
    "UPDATE": TakeKind.UPDATE,
    "UPDATED": TakeKind.UPDATE,
    "LEAD": TakeKind.UPDATE,
    "LD": TakeKind.UPDATE,
    "TAKE": TakeKind.UPDATE,
    "LD-WRITETHRU": TakeKind.UPDATE,
    "LEAD-WRITETHRU": TakeKind.UPDATE,
    "WRITETHRU": TakeKind.UPDATE,
    "WRAPUP": TakeKind.WRAPUP,
    "WRAP": TakeKind.WRAPUP,
    "CORRECTED": TakeKind.CORRECTION,
    "CORRECTION": TakeKind.CORRECTION,
    "CORRECTS": TakeKind.CORRECTION,
    "CLARIFICATION": TakeKind.CORRECTION,
    "REFILE": TakeKind.REFILE,
    "REFILED": TakeKind.REFILE,
    "REPEAT": TakeKind.REPEAT,
    "REPEATING": TakeKind.REPEAT,
    "RPT": TakeKind.REPEAT,
    "WITHDRAWN": TakeKind.KILL,
    "WITHDRAWAL": TakeKind.KILL,
    "RECALL": TakeKind.KILL,
    "KILL": TakeKind.KILL,
    "ADVISORY": TakeKind.ADVISORY,
}

_NOTE_VERBS = (
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
_NOTE = re.compile(r"\(\s?(?:" + "|".join(verb for verb, _ in _NOTE_VERBS) + r"|official correct|this\s)", re.I)
_TO_EDITORS = re.compile(r"\s*\(?(?:eds?|ednote|editors?|note to editors)\s?[:.]", re.I)  # "Eds: CORRECTS: the year"
_SELF_NOTE = re.compile(
    r"\(\s?this\s(?:[\w.,]{1,12}\s){0,4}(?:story|version|item|article|copy|dispatch)\b[^()]{0,60}?\b"
    r"(?P<verb>correct|clarif|fix|refil|repeat|updat|add|recast|withdraw|remov|kill)(?P<ending>\w*)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Take:
    """A take's place in its story. number: of the UPDATE, WRAPUP or lead; corrected: it corrects an earlier take."""

    kind: TakeKind = TakeKind.FIRST
    number: int | None = None
    corrected: bool = False
    note: str | None = None


FIRST = Take()
CORRECTED = Take(TakeKind.CORRECTION, corrected=True)


def read_take_line(headline: str) -> tuple[Take, int]:
    """What a headline's take line says, and how long that line is (0: there is none).

    The outermost word gives the kind ("CORRECTED-UPDATE 1-" is a correction), the first number is the take's.
    """
    kind: TakeKind | None = None
    number: int | None = None
    corrected = False
    at = 0
    for _ in range(_MOST_PREFIXES):
        killed = _KILL.match(headline, at)
        if killed and killed.end() > at:
            return Take(TakeKind.KILL, number, corrected), killed.end()
        found = _WIRED.match(headline, at) or _READABLE.match(headline, at)
        if found is None or _only_a_compound(found, headline):
            break
        word = (found["counted"] or found["ordered"] or found["plain"]).upper()
        this = _KINDS[word]
        kind = this if this is TakeKind.KILL else kind or this
        corrected = corrected or this is TakeKind.CORRECTION
        if number is None and (found["number"] or found["ordinal"]):
            number = int(found["number"] or found["ordinal"])
        at = found.end()
    if kind is not None:
        return Take(kind, number, corrected), at
    return _tail_mark(headline), 0


def _only_a_compound(found: re.Match[str], headline: str) -> bool:
    """ "KILL-SWITCH LAW PASSES", "REPEAT-offenders": a word, a hyphen and no change of case is no take line."""
    if not found["plain"] or not found[0].endswith("-"):
        return False
    following = headline[found.end() : found.end() + 12]
    return following[0].islower() or (len(following) > 1 and following == following.upper() and headline.isupper())


def _tail_mark(headline: str) -> Take:
    mark = _TAIL_MARK.search(headline, max(0, len(headline) - 24))
    if mark is None:
        return FIRST
    if mark["update"]:
        return Take(TakeKind.UPDATE, int(mark["number"]))
    return Take(TakeKind.CORRECTION, corrected=True)


def without_take_line(headline: str) -> str:
    """The headline as readers know it: "UPDATE 1-Turkey signs letter" -> "Turkey signs letter"."""
    _, length = read_take_line(headline)
    kept = headline[length:]
    return _TAIL_MARK.sub("", kept).strip() or headline.strip()


def read_slug(slugline: str) -> Take:
    """What a slug line says: "AP-EU--Turkey-Missiles,2nd Ld-Writethru"."""
    lead = _SLUG_LEAD.search(slugline[:200])
    if lead:
        return Take(TakeKind.UPDATE, int(lead[1]))
    count = _SLUG_COUNT.search(slugline[:200])
    if count:
        return Take(_KINDS[count[1].upper()], int(count[2]))
    return FIRST


def read_mark(line: str) -> Take:
    """What a line of its own says: "1ST LEAD", "REFILE"."""
    return read_take_line(f"{line.strip().upper()}: x")[0]


def note_at(text: str, start: int) -> int | None:
    """Where the editor's note that begins at ``start`` ends: "(Adds quotes, background)"; None if none does."""
    if not text.startswith("(", start) or not _NOTE.match(text, start):
        return None
    depth = 0
    for index in range(start, min(len(text), start + _LONGEST_NOTE)):
        if text[index] == "(":
            depth += 1
        elif text[index] == ")":
            depth -= 1
            if depth == 0:
                return index + 1
    return None


def read_note(note: str) -> Take:
    """What an editor's note says: "(Corrects spelling in paragraph 2)" is a correction."""
    said = _SELF_NOTE.match(note) or _SELF_NOTE.match(f"({note}")
    if said:
        verb = said["verb"].lower()
        if verb in {"withdraw", "kill"}:
            return Take(TakeKind.KILL, note=note)
        kind = next((kind for known, kind in _NOTE_VERBS if verb.startswith(known)), TakeKind.CORRECTION)
        return Take(kind, corrected=kind is TakeKind.CORRECTION, note=note)
    opening = _TO_EDITORS.sub("", note).lstrip("( ").lower()
    if opening.startswith("official correct"):
        return Take(TakeKind.CORRECTION, corrected=True, note=note)
    for verb, kind in _NOTE_VERBS:
        if opening.startswith(verb):
            return Take(kind, corrected=kind is TakeKind.CORRECTION, note=note)
    return FIRST
