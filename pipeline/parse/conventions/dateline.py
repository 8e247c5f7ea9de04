"""Datelines: where, when and by whom a story was filed, at the head of its text.

The head is cut into agency, date and place by hand within a window of fixed size, so that the cost is bounded. A wrong
dateline hides entities from the tagger, a missed one only shows a few too many: in doubt there is none.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.models import Span
from pipeline.parse.conventions.agencies import calls_itself_agency, known_agency
from pipeline.parse.io.decode import one_line
from pipeline.parse.values.written_times import calendar_day, month_number

_WINDOW = 240
_LONGEST_HEAD = 160

_SIGNATURE = re.compile(r"[(（]([^()（）\n]{2,60})[)）]|(?<![\w/])/([^\W\d_][\w .-]{1,30})/|(?<=\w)/(ritzau)/", re.I)
_SEPARATOR = re.compile(r"\s{0,3}(?:\.?\s?(?:-{1,3}|[–—―−]|_{1,2}|:|=)|\.(?=\s))")
_BARE_SEPARATOR = re.compile(r"\s{1,3}(?:-{1,2}|[–—―−])(?=\s)|\s--|--(?=\s)|\s?[—―]\s?")
_AGENCY_AFTER = re.compile(r"\s{1,3}([^\W\d_][\w ]{1,24})\.(?=\s)")
_SLASHED = re.compile(r"(?P<place>[^/\n]{2,60}) / (?P<agency>[\w ]{2,30}) / (?P<day>[^/\n]{5,30}) /")
_SENTENCE = re.compile(r"\s{0,8}[\"'“”‘’«»„`(]{0,3}[^\W_a-zà-öø-ÿ]")
_LABELLED_DAY = re.compile(r"(?:date:?\s{1,3})?(\d{4})-(\d\d)-(\d\d)\s{1,4}", re.I)
_DAY = re.compile(
    r"(?:^|(?<=[\s,.]))(?:"
    r"(?P<m1>[^\W\d_]{3,12})\.?\s{1,2}(?P<d1>\d{1,2})(?:st|nd|rd|th)?(?:,?\s{1,2}(?P<y1>\d{4}))?"
    r"|(?P<d2>\d{1,2})(?:\.|º|st|nd|rd|th)?\s{1,2}(?:de\s)?(?P<m2>[^\W\d_]{3,12})\.?(?:,?\s{1,2}(?:de\s)?(?P<y2>\d{4}))?"
    r"|(?P<y3>\d{4})-(?P<m3>\d\d)-(?P<d3>\d\d)"
    r"|(?P<d4>\d{1,2})(?P<sign>[./])(?P<m4>\d{1,2})(?:(?P=sign)(?P<y4>\d{4}))?"
    r")$"
)
_WEEKDAY = re.compile(r",\s(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day$")

_PLACE = re.compile(r"[^\W\d_][\w\s'’‘`´.,/&-]{0,90}")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PARTICLES = _words(
    """
    de del della di da do dos das la le les los las el al an am and der den die du en et im in of on on-the près sur
    the upon und und/oder y zu i og och ve bei near aan ob pod nad e a &
    """
)
# written small inside a name, unlike "Los Angeles" and "El Paso"
_SMALL_WORDS = _words(
    """
    de del della di da do dos das of on the and am an der den du sur upon und y
    """
)
# Capitalised openers that are no places: labels, acronyms of bodies, kinds of copy.
_NO_PLACES = _words(
    """
    ADVISORY AGENDA ALERT ANALYSIS ASEAN ATTENTION BREAKING BRIEF BULLETIN CALENDAR CHRONOLOGY CLARIFICATION
    COLUMN COMMENTARY CORRECTED
    CORRECTION DIARY EDITORIAL EDITORS ENDS EUROPOL EUROSAM EXCLUSIVE EXPLAINER FACTBOX FEATURE FIFA FLASH GRAPHIC
    HEADLINES HIGHLIGHTS INSIGHT INTERPOL INTERVIEW KILL KILLED LATEST LIVE MERCOSUR NEWSALERT NOTE OPINION PHOTOS
    PICTURES POLL PREVIEW PROFILE RECAP REFILE REPEAT REPORT REVIEW ROUNDUP RPT SOCCER SPOTLIGHT SUMMARY TIMELINE
    TENNIS CRICKET RUGBY GOLF UEFA UNAIDS UNESCO UNHCR UNICEF UPDATE UPDATED URGENT VIDEO VIEWPOINT WARNING WATCH
    WITHDRAWN WRAPUP YEARENDER
    AIRLINES AIRWAYS BANK CORP ENERGY GROUP HOLDINGS INC LTD MOTOR MOTORS OIL PLC UNITED
    BUZZ DEALTALK FORECAST INSTANT LISTEN MORE NEWSMAKER OBITUARY QUOTEBOX QUOTES RANKINGS READ RESULTS SCENARIOS
    SCHEDULE SNAPSHOT STANDINGS STATEMENT TRANSCRIPT WEATHER
    """
)
# Names of people and papers before an agency in brackets: "President Erdogan (AP)" is a picture's caption.
_NO_FIRST_WORDS = _words(
    """
    A AN BY CHANCELLOR EDITOR FILE FROM GENERAL MINISTER PHOTO PICTURE PREMIER PRESIDENT PRIME PRINCE QUEEN SENATOR
    SOURCE SOURCES STORY TEXT VIA
    """
)
_SAINTS = _words("ST STE MT FT")
_ELIDED = re.compile(r"[A-ZÀ-Þ]['’][A-ZÀ-Þ]{3}")
_HYPHENS_OF_PLACES = _words("AU AUX BEN DE EN LA LE LES PORT SAINT SAINTE SUR TEL UPON")
_COUNTRY = re.compile(r"\s\[([^\W\d_][\w ]{2,30})\]$")
_STATE = re.compile(r"[A-Z]{2}")
_INITIALS = re.compile(r"(?:[A-Z]\.){2,3}")
_SINGLE_LETTER = re.compile(r"(?<!\w)[^\W\d_]-")  # "A-LEAGUE", "F-GAS"
# Four letters or fewer in capitals are mostly acronyms; these are cities.
_SHORT_CITIES = _words(
    """
    ADEN AGRA APIA BAKU BARI BATH BERN BOGO BONN BRNO CALI CEBU CORK DILI DOHA GAZA GRAZ HAMA HOMS HULL JENA JOS
    KANO KIEL KIEV KYIV KÖLN LAGOS LIMA LINZ LODZ ŁÓDŹ LOME LOMÉ LVIV LYON MALE MOSUL NICE NIŠ ORAN OSLO PUNE RIGA
    RIO ROM ROMA ROME SANA SUVA TAIZ TUZLA UFA ULM WIEN YORK ВЕНА КИЕВ РИГА РИМ
    """
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline in a body. span: from the place (or its date label) through the separator.

    place: as written, words in capitals made readable ("ISTANBUL" -> "Istanbul"); None where only an agency signs.
    written_day: the date as the text has it, for identity; day: the same resolved, None if the year can't be known.
    """

    span: Span
    place: str | None = None
    agency: str | None = None
    written_day: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands before the agency: "ISTANBUL, Nov 8"."""

    place: str | None
    capitals: bool
    day: tuple[int | None, int, int] | None
    written_day: str | None


def dateline_at(body: str, start: int, fetched_at: datetime, *, first: bool) -> Dateline | None:
    """The dateline that begins at ``start``, or None. first: nothing but notes precede, so that it may be unsigned."""
    window = body[start : start + _WINDOW]
    signed = _signed(window, fetched_at) or _slashed(window, fetched_at)
    if signed is None and first:
        signed = _unsigned(window, fetched_at)
    if signed is None:
        return None
    return Dateline(Span(start, start + signed.span.end), signed.place, signed.agency, signed.written_day, signed.day)


def _signed(window: str, fetched_at: datetime) -> Dateline | None:
    """ "ISTANBUL, Nov 8 (Reuters) -" and its kin: an agency's signature in brackets or slashes."""
    signature = _SIGNATURE.search(window, 0, _LONGEST_HEAD + 64)
    if signature is None or signature.start() > _LONGEST_HEAD:
        return None
    written = next(group for group in signature.groups() if group).strip()
    head = _read_head(window[: signature.start()])
    if head is None:
        return None
    agency = known_agency(written)
    separator = _SEPARATOR.match(window, signature.end())
    if agency is None:
        if not (separator and _vouched(head, written, window[separator.end() :])):
            return None
        agency = written
    if separator is None and not _unseparated(window, signature.end(), head, written):
        return None
    if separator and head.place and not (head.capitals or head.day or _SENTENCE.match(window, separator.end())):
        return None  # "The Senate (AP) - in a vote on Monday"
    end = separator.end() if separator else signature.end()
    if head.place is None and separator is not None:
        placed = _unsigned(window[end:].lstrip(), fetched_at, needs_day=True)
        if placed is not None:
            skipped = len(window[end:]) - len(window[end:].lstrip())
            return Dateline(
                Span(0, end + skipped + placed.span.end), placed.place, agency, placed.written_day, placed.day
            )
    return _built(head, agency, end, fetched_at)


def _vouched(head: _Head, written: str, rest: str) -> bool:
    """Whether a signature that we don't know may be an agency's: "APPLE INC (AAPL) -" is none."""
    if ":" in written:
        return False
    if head.place is None and head.day is None:
        return " " in written and calls_itself_agency(written)  # "(Sports Network) -"
    if head.place is None:
        return True
    if not head.capitals:  # "Colombo, Nov 9 (Daily Mirror) -"
        return head.day is not None and written[0].isupper() and len(written.split()) <= 3
    if head.day is not None or calls_itself_agency(written):
        return True
    named = any(map(str.islower, written)) and len(written.split()) <= 4
    return named and _SENTENCE.match(rest) is not None and _surely_a_place(head.place, rest)


def _unseparated(window: str, end: int, head: _Head, written: str) -> bool:
    """Some agencies set no dash: "NEW DELHI, Nov 8 (PTI) The government", "Paris (ats) Le ministre"."""
    if head.place is None or not (head.capitals or head.day or written.islower()):
        return False
    return window[end : end + 1].isspace() and _SENTENCE.match(window, end) is not None


def _unsigned(window: str, fetched_at: datetime, *, needs_day: bool = False) -> Dateline | None:
    """ "LONDON - The minister": no agency, so the place must stand in capitals and a sentence must follow."""
    for separator in _BARE_SEPARATOR.finditer(window, 0, _LONGEST_HEAD):
        text, agency = _unbracketed_agency(window[: separator.start()])
        head = _read_head(text)
        if head is None or head.place is None or not (head.capitals or (head.day and (needs_day or agency))):
            continue
        agency = agency if head.day else None
        if (needs_day and head.day is None) or not _SENTENCE.match(window, separator.end()):
            return None
        if head.day is None and not _surely_a_place(head.place, window[separator.end() :]):
            return None
        end = len(window[: separator.end()].rstrip())
        if agency is None and head.day and (named := _AGENCY_AFTER.match(window, end)):  # "9 ноя — РИА Новости."
            agency = known_agency(named[1])
            end = named.end() if agency else end
        return _built(head, agency, end, fetched_at)
    return None


def _slashed(window: str, fetched_at: datetime) -> Dateline | None:
    """ "CHICAGO, IL / ACCESSWIRE / November 9, 2017 / Acme": a press release's."""
    found = _SLASHED.match(window)
    agency = known_agency(found["agency"]) if found else None
    head = _read_head(f"{found['place']}, {found['day']}") if found and agency else None
    return None if found is None or head is None else _built(head, agency, found.end(), fetched_at)


def _unbracketed_agency(text: str) -> tuple[str, str | None]:
    """ "SEOUL, Nov 26 AFP", "TOKYO, Nov. 8, Kyodo": the agency without brackets after a date."""
    before, _, word = text.rstrip().rpartition(" ")
    dated = before[-1:].isdigit() or before[-2:-1].isdigit() or _DAY.search(before.rstrip(",. ")) is not None
    agency = known_agency(word) if dated else None
    return (before, agency) if agency else (text, None)


def _surely_a_place(place: str, rest: str) -> bool:
    words = re.split(r"[\s,/-]+", place.upper())
    if any(word.strip(".") in _NO_PLACES for word in words):
        return False
    if len(words) == 1 and len(words[0].strip(".")) <= 4 and words[0] not in _SHORT_CITIES:
        return False
    if "-" in place and "," not in place and not _HYPHENS_OF_PLACES.intersection(words):
        return False  # "BBA-YANKEES-TIGERS --" is a slug
    if "." in words[0] and (len(words) == 1 or _INITIALS.fullmatch(words[0])):
        return False  # "E.ON", "U.S. GDP"
    # where everything is in capitals, capitals say nothing
    return any(character.islower() for character in rest[:60])


def _built(head: _Head, agency: str | None, end: int, fetched_at: datetime) -> Dateline:
    day = None if head.day is None else calendar_day(*head.day, fetched_at)
    return Dateline(Span(0, end), head.place, agency, head.written_day, day)


def _read_head(text: str) -> _Head | None:
    """Place and date from what stands before an agency or a dash; None if that is no dateline."""
    text = _without_stop(text.strip().rstrip(" ,:-–—_\t"))
    if "\n" in text:
        return None
    labelled = _LABELLED_DAY.match(f"{text} ")
    day: tuple[int | None, int, int] | None = None
    written: str | None = None
    if labelled:
        day = (int(labelled[1]), int(labelled[2]), int(labelled[3]))
        written = f"{labelled[1]}-{labelled[2]}-{labelled[3]}"
        text = text[labelled.end() :]
    if not text:
        return _Head(None, False, day, written)
    text = _WEEKDAY.sub("", text)
    found = _DAY.search(text)
    if found and (read := _day_of(found)) is not None:
        day = day or read
        written = written or found[0]
        text = _without_stop(text[: found.start()].rstrip(" ,\t-–—"))
    if not text or text == "UNDATED":
        return _Head(None, False, day, written)
    text = _COUNTRY.sub(r", \1", text)  # "New Delhi [India]"
    capitals = _reads_as_place(text)
    return None if capitals is None else _Head(_readable(text), capitals, day, written)


def _without_stop(text: str) -> str:
    """ "MOSCOW." and "Nov. 8." lose their full stop, "St. PETERSBURG, Fla." keeps it."""
    if not text.endswith("."):
        return text
    last = text[:-1].rpartition(" ")[2]
    written_out = len(last) >= 6  # no abbreviation of a state is that long
    return text[:-1] if (last == last.upper() or written_out) and "." not in last else text


def _day_of(found: re.Match[str]) -> tuple[int | None, int, int] | None:
    if found["y3"]:
        return int(found["y3"]), int(found["m3"]), int(found["d3"])
    if found["d4"]:  # day first, as all who write dates so in datelines do
        return (int(found["y4"]) if found["y4"] else None), int(found["m4"]), int(found["d4"])
    month = month_number(found["m1"] or found["m2"])
    if month is None:
        return None
    year = found["y1"] or found["y2"]
    return (int(year) if year else None), month, int(found["d1"] or found["d2"])


def _reads_as_place(text: str) -> bool | None:
    """True for a place in capitals (its country may not be), False for capitalised words, None for anything else."""
    if not _PLACE.fullmatch(text):
        return None
    words = re.split(r"[\s,/]+", text)
    if len(words) > 9 or words[0].rstrip(".").upper() in _NO_FIRST_WORDS or _SINGLE_LETTER.search(text):
        return None
    for word in words:
        if (
            word
            and not word[0].isupper()
            and word.lower() not in _PARTICLES
            and not word.startswith(("'", "’", "al-", "d'"))
        ):
            return None
    city = [word for word in re.split(r"[\s/]+", text.split(",", 1)[0]) if word.lower() not in _PARTICLES]
    if not city:
        return None
    if all(_in_capitals(word) for word in city):
        return True
    return False if len(words) <= 6 and text[0].isupper() else None


def _in_capitals(word: str) -> bool:
    """All capitals, not counting a first "Mc" or "d'", and "St."; one letter is not enough."""
    if word in {"St.", "Ste.", "Mt.", "Ft."}:
        return True
    word = re.sub(r"^(?:Mc|Mac|d['’]|al-|el-|O['’])", "", word)
    return word == word.upper() and word != word.lower()


def _readable(place: str) -> str:
    """The place on one line, its words in capitals made readable; particles and initials stay."""
    pieces = re.split(r"([\s/-]+)", place)
    cased = [
        piece.lower() if index and piece.lower() in _SMALL_WORDS else _cased(piece)
        for index, piece in enumerate(pieces)
    ]
    if len(pieces) > 2 and _STATE.fullmatch(pieces[-1]) and pieces[-3].endswith(","):  # "CHICAGO, IL"
        cased[-1] = pieces[-1]
    return one_line("".join(cased))


def _cased(word: str) -> str:
    letters = [character for character in word if character.isalpha()]
    if word.rstrip(".") in _SAINTS or _ELIDED.match(word):  # "ST. JOHN'S", "L'AQUILA"
        return word[0] + _cased_rest(word)
    prefix = next((prefix for prefix in ("Mc", "Mac") if word.startswith(prefix) and word[len(prefix) :].isupper()), "")
    if prefix:
        return prefix + _cased(word[len(prefix) :])
    if len(letters) < 2 or word != word.upper() or ("." in word and len(letters) <= 3):
        return word
    # not str.title(): that would make "San`A" of "SAN`A", and lowering "İ" adds a combining dot
    first = next(index for index, character in enumerate(word) if character.isalpha())
    return word[: first + 1] + word[first + 1 :].lower()


def _cased_rest(word: str) -> str:
    return word[1:].lower() if word[1] not in "'’" else word[1:3] + word[3:].lower()


def read_label(text: str) -> tuple[str | None, str | None]:
    """Place and agency of a dateline that stands apart from the body: "MOSCOW, Monday (Reuters)"."""
    text = one_line(text[:_WINDOW])
    signature = _SIGNATURE.search(text)
    if signature:
        agency = known_agency(next(group for group in signature.groups() if group))
        head = _read_head(text[: signature.start()])
    else:
        place, agency = _unbracketed_agency(text.rstrip(" -–—:_"))
        head = _read_head(place)
    return (head.place if head else None), agency
