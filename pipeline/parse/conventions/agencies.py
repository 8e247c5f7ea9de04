"""News agencies as they sign their copy, and the names they go by here."""

import re

# canonical name: further spellings found in datelines and source fields
_AGENCIES: dict[str, tuple[str, ...]] = {
    "Reuters": ("thomson reuters", "thomson reuters foundation", "reuters breakingviews", "reuters health", "rtrs"),
    "AP": ("associated press", "the associated press", "ap news"),
    "AFP": ("agence france-presse", "agence france presse", "afp news"),
    "dpa": ("deutsche presse-agentur", "dpa international", "dpa-afx", "dpa/afx", "dpa/lno", "dpa/tmn"),
    "AAP": ("australian associated press",),
    "ACCESSWIRE": (),
    "Adnkronos": ("adn kronos",),
    "AA": ("anadolu", "anadolu agency", "anadolu ajansı"),
    "ABNA": (),
    "ADN": (),
    "AGERPRES": (),
    "AGI": (),
    "AKI": (),
    "ANI": (),
    "ANP": (),
    "ANSA": ("ansamed", "ansa-med", "ansa/afp"),
    "ANTARA": (),
    "ANA-MPA": ("ana", "amna"),
    "APA": ("austria presse agentur",),
    "APP": (),
    "APS": (),
    "ATA": (),
    "AZERTAC": ("azertag",),
    "Baltic News Network": ("bnn",),
    "BBC": ("bbc news",),
    "Belga": (),
    "BelTA": (),
    "Bernama": (),
    "Bloomberg": ("bloomberg news",),
    "BNS": (),
    "BSS": (),
    "BTA": (),
    "Business Wire": ("businesswire",),
    "CNA": (),
    "CNN": (),
    "CNS": (),
    "CNW": ("cnw group", "cnw telbec"),
    "CP": ("the canadian press", "canadian press"),
    "ČTK": ("ctk",),
    "DHA": (),
    "Dow Jones": ("dow jones newswires", "dj"),
    "EFE": ("agencia efe",),
    "EUROPA PRESS": ("ep",),
    "FNA": ("fars", "fars news agency"),
    "GlobeNewswire": ("globe newswire",),
    "GNA": (),
    "Hina": (),
    "IANS": (),
    "IHA": ("i̇ha",),
    "Inter Press Service": ("ips",),
    "Interfax": ("interfax-ukraine", "interfax-avn", "interfax.ru", "интерфакс"),
    "IRNA": (),
    "ISNA": (),
    "ITAR-TASS": (),
    "Jiji Press": ("jiji",),
    "JTA": (),
    "KCNA": (),
    "Keystone-SDA": ("sda", "ats", "keystone-ats"),
    "KUNA": (),
    "KNA": (),
    "Kyodo": ("kyodo news",),
    "LaPresse": (),
    "LETA": (),
    "Lusa": (),
    "Marketwired": ("marketwire",),
    "Mehr": ("mna", "mehr news agency"),
    "MENA": (),
    "MTI": (),
    "NAMPA": (),
    "NAN": (),
    "Newsfile": ("newsfile corp.", "newsfile corp"),
    "Notimex": (),
    "NTB": (),
    "PA": ("press association", "pa media", "the press association"),
    "PAP": (),
    "Petra": (),
    "PNA": (),
    "PR Newswire": ("prnewswire", "pr newswire", "prnewswire-asianet", "prnewswire-usnewswire"),
    "PTI": ("press trust of india",),
    "QNA": (),
    "RIA Novosti": ("ria", "риа новости", "sputnik"),
    "Ritzau": (),
    "RTT": ("rttnews",),
    "SANA": (),
    "SAPA": (),
    "SID": (),
    "SITA": (),
    "SNA": (),
    "SPA": (),
    "STA": (),
    "STT": ("stt-lehtikuva",),
    "Tanjug": (),
    "TASS": ("тасс", "tass news agency"),
    "TASR": (),
    "Telam": ("télam",),
    "TNA": (),
    "TT": ("tt nyhetsbyrån",),
    "Ukrinform": (),
    "UNB": (),
    "UNI": (),
    "UPI": ("united press international",),
    "VNA": (),
    "WAM": (),
    "Xinhua": ("xinhua news agency",),
    "Yonhap": ("yonhap news agency",),
}
_STAFF = re.compile(r"\s(?:correspondent|corr\.|reporter|staff writer|newsroom)\b.*$")
_CANONICAL = {spelling: name for name, spellings in _AGENCIES.items() for spelling in (name.casefold(), *spellings)}
# what an agency that is not in the list calls itself
_CALLS_ITSELF = re.compile(
    r"\b(?:news|press|agency|network|wire|newswire|media|times|post|online|presse|agentur)\b", re.I
)


def known_agency(signature: str) -> str | None:
    """Return the usual name of the agency that signs so; None if nobody knows it.

    Of several ("AFP/Reuters") the first one that is known.
    """
    folded = _STAFF.sub("", " ".join(signature.casefold().split()))
    if folded in _CANONICAL:
        return _CANONICAL[folded]
    for part in re.split(r"[/,;&-]| and ", folded)[:6]:
        if part.strip() in _CANONICAL:
            return _CANONICAL[part.strip()]
    words = folded.split()
    return _CANONICAL[words[0]] if 1 < len(words) <= 3 and all(word in _CANONICAL for word in words) else None


def calls_itself_agency(signature: str) -> bool:
    """Whether a signature that is not in the list still reads like a news organization's."""
    return _CALLS_ITSELF.search(signature) is not None
