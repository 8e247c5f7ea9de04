"""Slug lines: the words by which a desk calls a story, and what some of them say of a take's place in it."""

import re

from pipeline.models import TakeKind
from pipeline.text.shingles import folded_words
from pipeline.wire.take_line import FIRST, TakeRole, kind_of_word

# "AP-EU--Turkey-Missiles,2nd Ld-Writethru", "TURKEY-DEFENCE/ (UPDATE 2, PIX)"
_LEAD = re.compile(r"(?:^|[,\s(-])(\d{1,3})(?:st|nd|rd|th)\s(?:ld|lead|add|sub)\b", re.I)
_COUNT = re.compile(r"\((update|wrapup)\s?(\d{1,3})\b", re.I)
_LONGEST = 200
_BRACKETS = re.compile(r"\([^()]*\)")
_TAKE_WORDS = re.compile(
    r"\b(?:BC|1st|2nd|3rd|\d+th|ld(?:-writethru)?|lead|writethru|UPDATED?|WRAPUP|WRAP|RPT|REPEAT(?:ING)?|REFILED?"
    r"|RESEND(?:ING)?|REISSUED?|OFFICIAL|CORRECT(?:ED|ION|ING|S)|CORR|CLARIFI(?:CATION|ED)|KILL(?:ED)?|WITHDRAWN"
    r"|WITHDRAWAL|RETRACT(?:ED|ION)|STORY (?:KILL|WITHDRAWN|REMOVED)|KORR(?:EKTUR)?|BERICHTIGUNG|RECTIFICATIF"
    r"|CORRECTIF|ADVISORY|EDITORS? NOTE|\d+)\b",
    re.I,
)


def read_slugline(slugline: str) -> TakeRole:
    """Read what a slug line says of the take: "AP-EU--Turkey-Missiles,2nd Ld-Writethru" is an update, the second."""
    lead = _LEAD.search(slugline[:_LONGEST])
    if lead:
        return TakeRole(TakeKind.UPDATE, int(lead[1]))
    count = _COUNT.search(slugline[:_LONGEST])
    return TakeRole(kind_of_word(count[1]), int(count[2])) if count else FIRST


def plain_slugline(slugline: str) -> str:
    """Return the words that all takes of a story share in their slug lines: "QUAKE/ (UPDATE 3)" -> "quake"."""
    return " ".join(folded_words(_TAKE_WORDS.sub(" ", _BRACKETS.sub(" ", slugline))))
