"""Dates and lengths of time in a text, in its own words: "in July 2019", "early 2020", "18-month". English; pure.

Tagging finds dates as well (``Enrichment.dates``), for searching: resolved to the day, without lengths of time. A
dossier needs the other form. Of 719 phrases in 618 stories (tests/data/affairs and the sample wire) 284 are lengths of
time; and of the 1,734 dates that tagging finds there 671 are days of the week of publication ("on Tuesday"), which
would be a new date of every step.
"""

import re

from pipeline.text.months import MONTHS

MAX_PHRASES = 12  # a calendar is no news

_MONTH = "|".join(MONTHS)
_YEAR = r"(?:19|20)\d{2}"
_PART = r"(?:early|mid|late|the end of|the start of|the first half of|the second half of|spring|summer|autumn|winter)"
_NUMBER_WORDS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
)
_NUMBERS = {word: str(number) for number, word in enumerate(_NUMBER_WORDS.split(), start=2)}
_PHRASE = re.compile(
    rf"\b(?P<day>(?:{_MONTH})\s\d{{1,2}}(?!\d)(?:,?\s{_YEAR})?|\d{{1,2}}\s(?:{_MONTH})(?:\s{_YEAR})?)\b"
    rf"|\b(?P<month>(?:{_MONTH})(?:\sof)?\s{_YEAR})\b"
    rf"|\b(?P<part>{_PART}[\s-](?:of\s)?{_YEAR})\b"
    rf"|\b(?:in|by|until|till|from|since|before|after|through|during|for)\s(?P<year>{_YEAR})\b(?![-–/]\d)"
    rf"|\b(?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)})[\s-](?P<unit>day|week|month|year)s?\b(?![\s-]old)",
    re.IGNORECASE,
)


def time_phrases(text: str) -> tuple[str, ...]:
    """Return each date or length of time once, as a reader would write it, in order of appearance; at most twelve."""
    phrases: dict[str, None] = {}
    for match in _PHRASE.finditer(text):
        phrases[_as_written(match)] = None
        if len(phrases) == MAX_PHRASES:
            break
    return tuple(phrases)


def _as_written(match: re.Match[str]) -> str:
    if match["count"]:
        count = _NUMBERS.get(match["count"].lower(), match["count"].lstrip("0") or "0")
        return f"{count} {match['unit'].lower()}{'' if count == '1' else 's'}"
    if match["month"]:
        return " ".join(match["month"].replace(" of ", " ").split())
    phrase = match["day"] or match["part"] or match["year"]
    words = " ".join(phrase.replace("-", " ").replace(",", "").split())
    return words[4:] if words.lower().startswith("the ") else words
