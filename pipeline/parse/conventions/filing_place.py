"""Places as datelines write them: what may be one, what surely is one, and how it is written for readers."""

import re

from pipeline.parse.io.decode import one_line
from pipeline.text.stopwords import word_set

_PLACE = re.compile(r"[^\W\d_][\w\s'’‘`´.,/&-]{0,90}")
_PARTICLES = word_set(
    """
    de del della di da do dos das la le les los las el al an am and der den die du en et im in of on on-the près sur
    the upon und und/oder y zu i og och ve bei near aan ob pod nad e a &
    """
)
# written small inside a name, unlike "Los Angeles" and "El Paso"
_SMALL_WORDS = word_set(
    """
    de del della di da do dos das of on the and am an der den du sur upon und y
    """
)
# Capitalised openers that are no places: labels, acronyms of bodies, kinds of copy.
_NO_PLACES = word_set(
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
_NO_FIRST_WORDS = word_set(
    """
    A AN BY CHANCELLOR EDITOR FILE FROM GENERAL MINISTER PHOTO PICTURE PREMIER PRESIDENT PRIME PRINCE QUEEN SENATOR
    SOURCE SOURCES STORY TEXT VIA
    """
)
_SAINTS = word_set("ST STE MT FT")
_ELIDED = re.compile(r"[A-ZÀ-Þ]['’][A-ZÀ-Þ]{3}")
_HYPHENS_OF_PLACES = word_set("AU AUX BEN DE EN LA LE LES PORT SAINT SAINTE SUR TEL UPON")
_STATE = re.compile(r"[A-Z]{2}")
_INITIALS = re.compile(r"(?:[A-Z]\.){2,3}")
_SINGLE_LETTER = re.compile(r"(?<!\w)[^\W\d_]-")  # "A-LEAGUE", "F-GAS"
# Four letters or fewer in capitals are mostly acronyms; these are cities.
_SHORT_CITIES = word_set(
    """
    ADEN AGRA APIA BAKU BARI BATH BERN BOGO BONN BRNO CALI CEBU CORK DILI DOHA GAZA GRAZ HAMA HOMS HULL JENA JOS
    KANO KIEL KIEV KYIV KÖLN LAGOS LIMA LINZ LODZ ŁÓDŹ LOME LOMÉ LVIV LYON MALE MOSUL NICE NIŠ ORAN OSLO PUNE RIGA
    RIO ROM ROMA ROME SANA SUVA TAIZ TUZLA UFA ULM WIEN YORK ВЕНА КИЕВ РИГА РИМ
    """
)


def reads_as_place(text: str) -> bool | None:
    """Judge the form of what may be a place.

    Returns:
        True for a place in capitals (its country may not be), False for capitalised words, None for anything else.
    """
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


def is_surely_a_place(place: str, rest: str) -> bool:
    """Whether a place that nobody signs for is one, and no acronym, company, slug or kind of copy.

    Args:
        place: The words before the dash.
        rest: The text after it: where all of it is in capitals, capitals say nothing.
    """
    words = re.split(r"[\s,/-]+", place.upper())
    if any(word.strip(".") in _NO_PLACES for word in words):
        return False
    if len(words) == 1 and len(words[0].strip(".")) <= 4 and words[0] not in _SHORT_CITIES:
        return False
    if "-" in place and "," not in place and not _HYPHENS_OF_PLACES.intersection(words):
        return False  # "BBA-YANKEES-TIGERS --" is a slug
    if "." in words[0] and (len(words) == 1 or _INITIALS.fullmatch(words[0])):
        return False  # "E.ON", "U.S. GDP"
    return any(character.islower() for character in rest[:60])


def readable_place(place: str) -> str:
    """Write a place on one line, its words in capitals made readable; particles and initials stay."""
    pieces = re.split(r"([\s/-]+)", place)
    cased = [
        piece.lower() if index and piece.lower() in _SMALL_WORDS else _cased(piece)
        for index, piece in enumerate(pieces)
    ]
    if len(pieces) > 2 and _STATE.fullmatch(pieces[-1]) and pieces[-3].endswith(","):  # "CHICAGO, IL"
        cased[-1] = pieces[-1]
    return one_line("".join(cased))


def _cased(word: str) -> str:
    """Write a word in capitals with one capital, or two as in "McALLEN" and "L'AQUILA"."""
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
