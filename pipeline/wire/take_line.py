"""Take lines: what a headline, a slug or an editor's note says about a take's place in its story."""

import re
from dataclasses import dataclass

from pipeline.models import TakeKind

_MOST_PREFIXES = 5
_LONGEST_NOTE = 800

_COLON = r"\s?:\s{0,2}(?=\S)"
_DASH = r"\s?(?:-{1,2}|[–—:])\s{0,2}(?=\S)"
_WIRED_WORDS = (
    r"(?:OFFICIAL\s)?CORRECT(?:ED|ION|ING|S)?|CORR(?=\s?[-:])|CLARIFICATION|CLARIFIED|REFILED?|REPEAT(?:ING)?|RPT"
    r"|RESEND(?:ING)?|REISSUED?|UPDATED?|WRAPUP|ROUNDUP|LEAD(?=:)|WITHDRAW(?:N|AL)(?:\sOF\sSTORY)?|RECALL"
    r"|RETRACT(?:ED|ION)|(?:BC-|STORY\s)?KILL(?:ED)?|STORY\s(?:WITHDRAWN|REMOVED)|ADVISORY|EDITORS?['’]?S?\sNOTE"
    r"|KORR(?:EKTUR)?|BERICHTIGUNG|CORRECTIF|RECTIFICATIF|CORRECCIÓN|RECTIFICACIÓN|CORR[EI]GE|RETTIFICA|RETTELSE"
    r"|RÄTTELSE|ZURÜCKZIEHUNG|ANNULATION|ANULACIÓN"
)
_READABLE_WORDS = (
    r"Correction|Corrected|Clarification|Updated?|Withdrawn"
    r"|Berichtigung|Korrektur|Rectificatif|Corrección|Rectificación"
)
_TAKE_LINES = tuple(
    re.compile(r"\s{0,8}(?:" + pattern + r")" + ending)
    for pattern, ending in (
        # In capitals as agencies wire them: "UPDATE 1-Turkey signs", "2ND LD:", "CORRECTED-(OFFICIAL)-UPDATE 2-".
        (r"(?P<word>UPDATE|WRAPUP|WRAP|LEAD|LD|TAKE)\s?(?P<number>\d{1,3})", _DASH),
        (
            r"(?P<number>\d{1,3})(?:ST|ND|RD|TH)\s"
            r"(?P<word>LD-WRITETHRU|LEAD-WRITETHRU|WRITETHRU|LD|LEAD|UPDATE|WRAPUP|ROUNDUP)",
            _DASH,
        ),
        (rf"(?P<word>{_WIRED_WORDS})(?:[\s-]?\(OFFICIAL\))?", _DASH),
        # "2ND LD Turkey signs", "(UPDATE 2) Turkey signs"
        (r"(?P<number>\d{1,3})(?:ST|ND|RD|TH)\s(?P<word>LD|LEAD)", r"\s(?=[A-Z][a-z])"),
        (
            r"\((?P<word>UPDATE|UPDATED|CORRECTED|CORRECTION|KORR|REPEAT|RPT|Updated?|Corrected|Correction)"
            r"(?:\s?(?P<number>\d{1,3}))?\)",
            r"\s{1,2}(?=\S)",
        ),
        # "ATTENTION - ADDS details ///": dpa's international service
        (
            r"ATTENTION\s?-\s?(?P<word>UPDATES|ADDS|CORRECTS|REPEATS|REFILES|KILLS|WITHDRAWS)\b[^/\n]{0,120}",
            r"/{2,3}\s{0,2}(?=\S)",
        ),
        # As headlines for readers have them: only with a colon, since these are everyday words.
        (r"(?P<word>Update|Wrapup|Lead)\s(?P<number>\d{1,3})", _COLON),
        (
            r"(?P<number>\d{1,3})(?:st|nd|rd|th)\s"
            r"(?P<word>L[dD]-(?:Writethru|WRITETHRU)|Lead-Writethru|L[dD]|Lead|Update|UPDATE|Wrapup|Roundup)",
            _COLON,
        ),
        (rf"(?P<word>{_READABLE_WORDS})(?:\s\(Official\))?", _COLON),
    )
)
_KILL = re.compile(
    r"\s{0,8}(?:(?:BULLETIN|URGENT|MANDATORY|ATTENTION|Mandatory)[\s-]{1,3}(?:KILL|Kill)\b|KILL(?:\sKILL){1,5}\b|=\s?KILL\s?=)"
    r"\s?(?:-{1,2}|[–—:])?\s{0,2}"
)
# "AP-EU--Turkey-Missiles,2nd Ld-Writethru", "TURKEY-DEFENCE/ (UPDATE 2, PIX)", "Turkey signs letter (Update1)"
_SLUG_LEAD = re.compile(r"(?:^|[,\s(-])(\d{1,3})(?:st|nd|rd|th)\s(?:ld|lead|add|sub)\b", re.I)
_SLUG_COUNT = re.compile(r"\((update|wrapup)\s?(\d{1,3})\b", re.I)
_TAIL_MARK = re.compile(
    r"\s(?:\(|\[)(?i:(?P<update>update)\s?(?P<number>\d{1,3})|(?P<correct>correct|corrected|correction))(?:\)|\])\s*$"
    r"|\s[-–—]\s(?:UPDATE\s?(?P<last>\d{1,3})|CORRECT(?:ED|ION))\s*$"
)

_KINDS = (
    (("UPDATE", "ADDS", "LEAD", "LD", "TAKE", "WRITETHRU"), TakeKind.UPDATE),
    (("WRAP", "ROUNDUP"), TakeKind.WRAPUP),
    (("REFIL",), TakeKind.REFILE),
    (("REPEAT", "RPT", "RESEND", "REISSUE"), TakeKind.REPEAT),
    (("WITHDR", "RECALL", "RETRACT", "KILL", "REMOVED", "ZURÜCK", "ANNUL", "ANUL"), TakeKind.KILL),
    (("ADVISORY", "EDITOR"), TakeKind.ADVISORY),
)
_BEFORE_WORDS = re.compile(r"^(?:OFFICIAL\s|STORY\s|BC-)")

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
        found = next((found for pattern in _TAKE_LINES if (found := pattern.match(headline, at))), None)
        if found is None or _only_a_compound(found, headline):
            break
        this = _kind(found["word"])
        kind = this if this is TakeKind.KILL else kind or this
        corrected = corrected or this is TakeKind.CORRECTION
        counted = found.groupdict().get("number")
        number = int(counted) if number is None and counted else number
        at = found.end()
    if kind is not None:
        return Take(kind, number, corrected), at
    return _tail_mark(headline), 0


def _kind(word: str) -> TakeKind:
    plain = _BEFORE_WORDS.sub("", word.upper())
    return next((kind for openings, kind in _KINDS if plain.startswith(openings)), TakeKind.CORRECTION)


def _only_a_compound(found: re.Match[str], headline: str) -> bool:
    """ "KILL-SWITCH LAW PASSES", "REPEAT-offenders": a word, a hyphen and no change of case is no take line."""
    if found.groupdict().get("number") or not found[0].endswith("-"):
        return False
    following = headline[found.end() : found.end() + 12]
    return following[0].islower() or (len(following) > 1 and following == following.upper() and headline.isupper())


def _tail_mark(headline: str) -> Take:
    mark = _TAIL_MARK.search(headline, max(0, len(headline) - 24))
    if mark is None:
        return FIRST
    counted = mark["number"] or mark["last"]
    if counted:
        return Take(TakeKind.UPDATE, int(counted))
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
        return Take(_kind(count[1]), int(count[2]))
    return FIRST


def read_mark(line: str) -> Take:
    """What a line of its own says: "1ST LEAD", "REFILE"; nothing if a headline follows on it."""
    alone = f"{line.strip().upper()}: "
    take, length = read_take_line(f"{alone}x")
    return take if length == len(alone) else FIRST


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
