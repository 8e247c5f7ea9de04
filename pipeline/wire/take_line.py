"""Take lines: what a headline says of a take's place in its story, and which of its words are about the story itself.

    "UPDATE 1-Turkey signs letter"         a take line, then the headline as readers know it
    "UPDATE 2-EXCLUSIVE-Turkey signs"      a take line, then a label for the sort of text, then the story
    "Turkey signs letter (Update2)"        a take line at the end

This is the only definition of take lines. Parsing reads a take's role from them. Readers are shown headlines without
them (``without_take_line``). Tagging and the matching of takes read only what is about the story (``headline_span``).
"""

import re
from dataclasses import dataclass

from pipeline.models import Span, TakeKind

_MOST_PREFIXES = 5
_LONGEST_AT_THE_END = 24

_COLON = r"\s?:\s{0,2}(?=\S)"
_DASH = r"\s?(?:-{1,2}|[–—:])\s{0,2}(?=\S)"
_WIRED = (
    r"(?:OFFICIAL\s)?CORRECT(?:ED|ION|ING|S)?|CORR(?=\s?[-:])|CLARIFICATION|CLARIFIED|REFILED?|REPEAT(?:ING)?|RPT"
    r"|RESEND(?:ING)?|REISSUED?|UPDATED?|WRAPUP|ROUNDUP|LEAD(?=:)|WITHDRAW(?:N|AL)(?:\sOF\sSTORY)?|RECALL"
    r"|RETRACT(?:ED|ION)|(?:BC-|STORY\s)?KILL(?:ED)?|STORY\s(?:WITHDRAWN|REMOVED)|ADVISORY|EDITORS?['’]?S?\sNOTE"
    r"|KORR(?:EKTUR)?|BERICHTIGUNG|CORRECTIF|RECTIFICATIF|CORRECCIÓN|RECTIFICACIÓN|CORR[EI]GE|RETTIFICA|RETTELSE"
    r"|RÄTTELSE|ZURÜCKZIEHUNG|ANNULATION|ANULACIÓN"
)
_FOR_READERS = (
    r"Correction|Corrected|Clarification|Updated?|Withdrawn"
    r"|Berichtigung|Korrektur|Rectificatif|Corrección|Rectificación"
)
_TAKE_WORDS = tuple(
    re.compile(r"\s{0,8}(?:" + pattern + r")" + ending)
    for pattern, ending in (
        # In capitals as agencies wire them: "UPDATE 1-Turkey signs", "2ND LD:", "CORRECTED-(OFFICIAL)-UPDATE 2-".
        (r"(?P<word>UPDATE|WRAPUP|WRAP|LEAD|LD|TAKE)[\s-]?(?P<number>\d{1,3})", _DASH),
        (
            r"(?P<number>\d{1,3})(?:ST|ND|RD|TH)\s"
            r"(?P<word>LD-WRITETHRU|LEAD-WRITETHRU|WRITETHRU|LD|LEAD|UPDATE|WRAPUP|ROUNDUP)",
            _DASH,
        ),
        (rf"(?P<word>{_WIRED})(?:[\s-]?\(OFFICIAL\))?", _DASH),
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
        (rf"(?P<word>{_FOR_READERS})(?:\s\(Official\))?", _COLON),
    )
)
_KILL = re.compile(
    r"\s{0,8}(?:(?:BULLETIN|URGENT|MANDATORY|ATTENTION|Mandatory)[\s-]{1,3}(?:KILL|Kill)\b|KILL(?:\sKILL){1,5}\b|=\s?KILL\s?=)"
    r"\s?(?:-{1,2}|[–—:])?\s{0,2}"
)
# The sort of text, as agencies label it in capitals: "EXCLUSIVE-Turkey signs", "ANALYSIS: A letter and its price".
# Readers want to know it, but it says nothing about the story.
_LABEL = re.compile(
    r"\s{0,8}(?:EXCLUSIVE|INSIGHT|ANALYSIS|FACTBOX|TIMELINE|INTERVIEW|PREVIEW|BRIEF)(?:[\s-]\d{1,3})?" + _DASH
)
_AT_THE_END = re.compile(
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


@dataclass(frozen=True, slots=True)
class TakeRole:
    """A take's place in its story, as far as a take line, a slug line or an editor's note says it.

    Attributes:
        kind: First, update, correction, kill and so on.
        number: The number of an UPDATE, WRAPUP or lead; None where there is none.
        corrected: Whether the take corrects an earlier one, whatever its kind.
        note: The editor's note that says so, as it was written.
    """

    kind: TakeKind = TakeKind.FIRST
    number: int | None = None
    corrected: bool = False
    note: str | None = None


FIRST = TakeRole()
CORRECTED = TakeRole(TakeKind.CORRECTION, corrected=True)


def read_take_line(headline: str) -> tuple[TakeRole, int]:
    """Read a headline's take line, at its head or else at its end.

    The outermost word gives the kind ("CORRECTED-UPDATE 1-" is a correction); the first number is the take's.

    Returns:
        The role, which is ``FIRST`` where there is no take line, and the length of the take line at the head (0: there
        is none there).
    """
    role, take_end, _ = _read_head(headline)
    return (_role_at_the_end(headline), 0) if role is None else (role, take_end)


def read_take_words(line: str) -> TakeRole:
    """Read a take line that stands on a line of its own ("1ST LEAD"); ``FIRST`` if more follows on that line."""
    alone = f"{line.strip().upper()}: "
    role, length = read_take_line(f"{alone}x")
    return role if length == len(alone) else FIRST


def without_take_line(headline: str) -> str:
    """Return the headline as readers know it: "UPDATE 1-EXCLUSIVE-Turkey signs" -> "EXCLUSIVE-Turkey signs"."""
    _, take_end, _ = _read_head(headline)
    return headline[take_end : _story_end(headline, take_end)].strip() or headline.strip()


def headline_span(headline: str) -> Span:
    """Find the words about the story: the headline without take line and label, at both ends.

    A headline that consists of nothing else is its own story.
    """
    _, _, start = _read_head(headline)
    end = _story_end(headline, start)
    return Span(start, end) if headline[start:end].strip() else Span(0, len(headline))


def _read_head(headline: str) -> tuple[TakeRole | None, int, int]:
    """Read take words and labels from the head on.

    Returns:
        The role, or None without take words; where the last of the take words ends; where the last take word or label
        ends.
    """
    kind: TakeKind | None = None
    number: int | None = None
    corrected = False
    take_end = position = 0
    for _ in range(_MOST_PREFIXES):
        kill = _KILL.match(headline, position)
        if kill is not None:
            kind = TakeKind.KILL
            take_end = position = kill.end()
            continue
        word = next((match for pattern in _TAKE_WORDS if (match := pattern.match(headline, position))), None)
        if word is not None and not _is_compound(word, headline):
            word_kind = kind_of_word(word["word"])
            kind = word_kind if word_kind is TakeKind.KILL else kind or word_kind
            corrected = corrected or word_kind is TakeKind.CORRECTION
            counted = word.groupdict().get("number")
            number = int(counted) if number is None and counted else number
            take_end = position = word.end()
            continue
        label = _LABEL.match(headline, position)
        if label is None or headline[label.end()].islower():
            break
        position = label.end()
    return None if kind is None else TakeRole(kind, number, corrected), take_end, position


def kind_of_word(word: str) -> TakeKind:
    """Return the kind of take that one of the words of take lines announces ("WRITETHRU" -> update)."""
    plain = _BEFORE_WORDS.sub("", word.upper())
    return next((kind for openings, kind in _KINDS if plain.startswith(openings)), TakeKind.CORRECTION)


def _is_compound(word: re.Match[str], headline: str) -> bool:
    """Whether a word, a hyphen and no change of case follow: "KILL-SWITCH LAW PASSES", "REPEAT-offenders"."""
    if word.groupdict().get("number") or not word[0].endswith("-"):
        return False
    following = headline[word.end() : word.end() + 12]
    return following[0].islower() or (len(following) > 1 and following == following.upper() and headline.isupper())


def _at_the_end(headline: str, start: int) -> re.Match[str] | None:
    return _AT_THE_END.search(headline, max(start, len(headline) - _LONGEST_AT_THE_END))


def _story_end(headline: str, start: int) -> int:
    match = _at_the_end(headline, start)
    return len(headline) if match is None else match.start()


def _role_at_the_end(headline: str) -> TakeRole:
    match = _at_the_end(headline, 0)
    if match is None:
        return FIRST
    counted = match["number"] or match["last"]
    return TakeRole(TakeKind.UPDATE, int(counted)) if counted else CORRECTED
