"""Acronyms: "North Atlantic Treaty Organization (NATO)" explains one, initials suggest one."""

import re

from pipeline.text.stopwords import word_set

# Right after a name: " (NATO)", ", or NATO,".
SHORT_NAME = re.compile(
    r"^(?: ?\(\s?[\"']?|, (?:or|known as|called) (?:the )?)([A-Z][A-Za-z&.-]{1,11})(?=[\"']?\s?\)|[,.])"
)
_SMALL = word_set("of the and for in on de la du des et da do e del della y und der von a an to at")


def initials(full: str) -> set[str]:
    """The lower-case acronyms of a name of several words, with and without its small words."""
    words = re.findall(r"\w+", full)
    if len(words) < 2:
        return set()
    return {
        "".join(word[0] for word in words).lower(),
        "".join(word[0] for word in words if word.lower() not in _SMALL).lower(),
    }


def is_acronym(short: str, full: str) -> bool:
    """Whether ``short`` is an acronym of ``full``: its initials, or letters of it in order from the first."""
    words = re.findall(r"\w+", full)
    letters = re.sub(r"\W", "", short).lower()
    if len(words) < 2 or not letters or " " in short:
        return False
    return letters in initials(full) or (len(letters) > 2 and short.isupper() and _in_order(letters, full.lower()))


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return letters[0] == text[0] and all(letter in rest for letter in letters)
