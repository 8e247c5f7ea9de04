"""Amounts of money in a text, as "USD 2500000000": ISO 4217 code and value."""

import re
from decimal import Decimal

_MOST = 20  # amounts that are kept per story: a table of prices is not news
_SCALES = {
    "thousand": 3, "k": 3, "million": 6, "mln": 6, "mn": 6, "m": 6,
    "billion": 9, "bln": 9, "bn": 9, "b": 9, "trillion": 12, "trln": 12, "tn": 12,
}  # fmt: skip
_SYMBOLS = {
    "us$": "USD", "$": "USD", "dlrs": "USD", "usd": "USD", "€": "EUR", "eur": "EUR", "£": "GBP", "gbp": "GBP",
    "¥": "JPY", "jpy": "JPY", "₺": "TRY", "try": "TRY", "₽": "RUB", "rub": "RUB", "₹": "INR", "rs": "INR", "inr": "INR",
    "₩": "KRW", "krw": "KRW", "₪": "ILS", "a$": "AUD", "c$": "CAD", "hk$": "HKD", "nz$": "NZD", "s$": "SGD",
    "r$": "BRL", "chf": "CHF", "cny": "CNY", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "pln": "PLN",
}  # fmt: skip
_WORDS = {
    "dollar": "USD", "euro": "EUR", "pound": "GBP", "yen": "JPY", "lira": "TRY", "rouble": "RUB", "ruble": "RUB",
    "rupee": "INR", "won": "KRW", "shekel": "ILS", "yuan": "CNY", "renminbi": "CNY", "zloty": "PLN", "franc": "CHF",
    "peso": "MXN", "rand": "ZAR", "naira": "NGN", "real": "BRL", "riyal": "SAR", "dirham": "AED", "hryvnia": "UAH",
}  # fmt: skip
_NATIONAL = {
    ("australian", "dollar"): "AUD", ("canadian", "dollar"): "CAD", ("hong kong", "dollar"): "HKD",
    ("new zealand", "dollar"): "NZD", ("singapore", "dollar"): "SGD", ("taiwan", "dollar"): "TWD",
    ("pakistani", "rupee"): "PKR", ("egyptian", "pound"): "EGP", ("syrian", "pound"): "SYP",
    ("lebanese", "pound"): "LBP", ("argentine", "peso"): "ARS", ("philippine", "peso"): "PHP",
}  # fmt: skip
_NUMBER = r"(?P<{0}>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_SCALE = r"(?:[-\s]?(?P<{0}>thousand|million|billion|trillion|mln|bln|trln|mn|bn|tn|[kmb])\b)?"
_AMOUNT = re.compile(
    r"(?<![\w$])(?P<symbol>(?:US|HK|NZ|[ACSR])?\$|[€£¥₺₽₹₩₪]|(?:dlrs|Rs|USD|EUR|GBP|JPY|TRY|RUB|INR|KRW|CHF|CNY|SEK|NOK|DKK|PLN)\b)"
    r"\s?" + _NUMBER.format("before") + _SCALE.format("scale_before")
    + r"|(?<![\w.,])" + _NUMBER.format("after") + _SCALE.format("scale_after")
    + r"[-\s](?P<word>(?:(?:US|U\.S\.|Australian|Canadian|Hong Kong|New Zealand|Singapore|Taiwan|Pakistani|Egyptian"
    r"|Syrian|Lebanese|Argentine|Philippine)\s)?(?:" + "|".join(_WORDS) + r")s?)\b",
    re.IGNORECASE,
)  # fmt: skip


def find_amounts(text: str) -> tuple[str, ...]:
    """Find the amounts of money that a text names: each once, in order of appearance, at most twenty."""
    amounts: dict[str, None] = {}
    for match in _AMOUNT.finditer(text):
        number, scale = match["before"] or match["after"], match["scale_before"] or match["scale_after"]
        value = Decimal(number.replace(",", ""))
        if scale:
            value *= Decimal(10) ** _SCALES[scale.lower()]
        amounts[f"{_currency(match)} {value.normalize():f}"] = None
        if len(amounts) == _MOST:
            break
    return tuple(amounts)


def _currency(match: re.Match[str]) -> str:
    if match["symbol"]:
        return _SYMBOLS[match["symbol"].lower()]
    nation, _, unit = match["word"].lower().rpartition(" ")
    unit = unit if unit in _WORDS else unit.removesuffix("s")
    return _NATIONAL.get((nation, unit), _WORDS[unit])
