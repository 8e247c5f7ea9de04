"""Dates and lengths of time that a text names: "in July 2019", "early 2020", "18-month". English; pure."""

import re

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_YEAR = r"(?:19|20)\d{2}"
_PART = r"(?:early|mid|late|the end of|the start of|the first half of|the second half of|spring|summer|autumn|winter)"
_NUMBERS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
)
_VALUES = {word: str(number) for number, word in enumerate(_NUMBERS.split(), start=2)}
_DATE = re.compile(
    rf"\b(?P<day>(?:{_MONTHS})\s\d{{1,2}}(?!\d)(?:,?\s{_YEAR})?|\d{{1,2}}\s(?:{_MONTHS})(?:\s{_YEAR})?)\b"
    rf"|\b(?P<month>(?:{_MONTHS})(?:\sof)?\s{_YEAR})\b"
    rf"|\b(?P<part>{_PART}[\s-](?:of\s)?{_YEAR})\b"
    rf"|\b(?:in|by|until|till|from|since|before|after|through|during|for)\s(?P<year>{_YEAR})\b(?![-–/]\d)"
    rf"|\b(?P<count>\d{{1,3}}|{'|'.join(_VALUES)})[\s-](?P<unit>day|week|month|year)s?\b(?![\s-]old)",
    re.IGNORECASE,
)
_MOST = 12


def dates_in(text: str) -> tuple[str, ...]:
    """Each date or length of time once, as a reader would write it, in order of appearance; at most twelve."""
    found: dict[str, None] = {}
    for match in _DATE.finditer(text):
        found[_plain(match)] = None
        if len(found) == _MOST:
            break
    return tuple(found)


def _plain(match: re.Match[str]) -> str:
    if match["count"]:
        count = _VALUES.get(match["count"].lower(), match["count"].lstrip("0") or "0")
        return f"{count} {match['unit'].lower()}{'' if count == '1' else 's'}"
    if match["month"]:
        return " ".join(match["month"].replace(" of ", " ").split())
    said = match["day"] or match["part"] or match["year"]
    words = " ".join(said.replace("-", " ").replace(",", "").split())
    return words[4:] if words.lower().startswith("the ") else words
