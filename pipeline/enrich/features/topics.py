"""IPTC media topics for stories whose publisher gave none: the seventeen subjects of the first level, by a lexicon.

A subject's words are lemmas. Each adds the logarithm of its count to the subject's score, and twice that for the
headline. A subject is given if enough different words speak for it and if it is not far behind the best one.
"""

from collections.abc import Mapping
from math import log2

_SUBJECTS = {
    # arts, culture, entertainment and media
    "01000000": "film movie actor actress cinema director screen album song singer music musician concert orchestra "
    "opera symphony theatre theater stage playwright novel novelist poet poem author writer book painting "
    "painter sculpture museum gallery exhibition artist art festival ballet dance dancer premiere "
    "television broadcaster soprano jazz band audience composer literature culture celebrity hollywood "
    "bestseller journalist newspaper",
    # crime, law and justice
    "02000000": "police arrest court judge trial convict sentence prison jail prosecutor prosecute lawyer murder kill "
    "killer robbery rob theft steal thief fraud corruption bribe bribery smuggle smuggler trafficking "
    "detain detention suspect crime criminal charge verdict guilty appeal defendant indict indictment "
    "lawsuit sue justice testify witness extradite extradition cartel gang stab rape custody bail plead "
    "felony launder investigator detective homicide warrant jury",
    # disaster, accident and emergency incident
    "03000000": "earthquake quake flood crash accident explosion fire blaze wildfire derail derailment collapse "
    "rescue rescuer survivor victim injure tsunami landslide avalanche eruption volcano capsize sink "
    "shipwreck casualty evacuate emergency disaster debris rubble firefighter drown stampede wreckage "
    "aftershock magnitude richter spill toll",
    # economy, business and finance
    "04000000": "market bank company share stock investor profit revenue economy economic inflation growth trade "
    "export import tariff billion deal merger acquisition acquire takeover shareholder bond debt loan "
    "budget currency dollar euro lira oil price sale firm business industry manufacturer supplier order "
    "contract earnings quarter bid tender bankruptcy unemployment gdp recession fund finance investment "
    "barrel gas pipeline airline carmaker retailer customer analyst ceo",
    # education
    "05000000": "school university student pupil teacher education college classroom exam curriculum campus professor "
    "tuition scholarship graduate lecture kindergarten literacy degree",
    # environment
    "06000000": "climate emission carbon pollution species wildlife forest deforestation conservation environmental "
    "environment warming greenhouse ecosystem biodiversity endangered whale coral recycle renewable solar "
    "wetland glacier plastic habitat",
    # health
    "07000000": "hospital doctor patient disease virus vaccine vaccination outbreak epidemic pandemic infection "
    "health medical medicine drug cancer treatment surgery nurse ebola cholera malaria hiv symptom clinic "
    "obesity diabetes measles polio infect surgeon pharmaceutical dose",
    # human interest
    "08000000": "birthday wedding lottery centenarian royal princess prince duchess twin pet reunite anniversary "
    "tribute",
    # labour
    "09000000": "strike union worker wage layoff pension employee employer picket labour labor salary redundancy "
    "overtime job collective bargaining walkout unionist",
    # lifestyle and leisure
    "10000000": "tourist tourism holiday hotel restaurant fashion cook recipe chef travel wine beer leisure garden "
    "cuisine resort designer",
    # politics and government
    "11000000": "president minister government parliament election vote voter party opposition campaign candidate "
    "coalition senator senate congress lawmaker chancellor policy diplomat diplomatic ambassador summit "
    "treaty sanction foreign referendum cabinet premier ruling republican democrat constitution "
    "legislation bill ally alliance negotiation talk agreement sign ministry bilateral secretary-general "
    "secretary european union nato kremlin democracy resign poll ballot envoy relation visit cooperation",
    # religion
    "12000000": "church pope bishop priest cardinal mosque imam muslim christian catholic prayer pray religion "
    "religious faith worship synagogue rabbi pilgrim pilgrimage vatican archbishop monk cathedral sermon "
    "islam congregation",
    # science and technology
    "13000000": "scientist science research researcher space satellite rocket nasa orbit astronaut telescope planet "
    "software computer internet technology robot chip algorithm physics laboratory experiment spacecraft "
    "galaxy fossil genetic dna physicist astronomer smartphone app cyber semiconductor quantum artificial "
    "intelligence",
    # society
    "14000000": "refugee migrant migration asylum poverty minority discrimination racism gender abortion marriage "
    "family child homeless charity community population census immigrant gay lesbian women welfare orphan",
    # sport
    "15000000": "match goal team player coach league championship champion cup tournament win score beat football "
    "soccer tennis basketball cricket rugby race olympic olympics medal stadium striker midfielder season "
    "club final semifinal quarterfinal athlete fan innings wicket referee penalty defender grand prix "
    "marathon cyclist golf boxer title fixture",
    # conflict, war and peace
    "16000000": "war army military troop soldier missile rebel attack bomb bombing fight fighter fighting militant "
    "airstrike ceasefire truce peace insurgent terrorist terrorism weapon tank artillery shell shelling "
    "drone warplane defence defense navy air force frontline offensive siege hostage militia commander "
    "gunman casualty battle invasion invade occupation nuclear battery interceptor radar jet deploy "
    "deployment rocket guerrilla clash armed conflict protest protester riot coup uprising unrest "
    "demonstration demonstrator",
    # weather
    "17000000": "weather storm rain snow snowfall hurricane typhoon cyclone tornado heatwave drought temperature "
    "forecast meteorologist wind blizzard celsius flood cold rainfall downpour monsoon degree frost fog "
    "ice meteorological",
}  # fmt: skip
_SUBJECT_OF: dict[str, tuple[str, ...]] = {}
for _code, _words in _SUBJECTS.items():
    for _word in _words.split():
        _SUBJECT_OF[_word] = (*_SUBJECT_OF.get(_word, ()), _code)
_MOST = 3  # subjects per story
_LEAST = (
    2.0  # score; one or two passing words are no subject. Set, as the share, on every other story of the sample wire
)
_SHARE = 0.3  # of the best subject's score
_LEAST_KINDS = 2  # different words


def classify_topics(terms: Mapping[str, int], headline_terms: Mapping[str, int]) -> tuple[str, ...]:
    """Classify the subjects of a story.

    Args:
        terms: Term of the body -> count.
        headline_terms: Term of the headline -> count.

    Returns:
        At most three codes ("medtop:16000000"), the best first. None where no subject has enough support.
    """
    scores: dict[str, float] = {}
    kinds: dict[str, int] = {}
    for counts, weight in ((terms, 1.0), (headline_terms, 2.0)):
        for term, count in counts.items():
            for code in _SUBJECT_OF.get(term, ()):
                # A word that two subjects share tells less about each.
                scores[code] = scores.get(code, 0.0) + weight * log2(1.0 + count) / len(_SUBJECT_OF[term])
                kinds[code] = kinds.get(code, 0) + 1
    supported = {code: score for code, score in scores.items() if score >= _LEAST and kinds[code] >= _LEAST_KINDS}
    best = max(supported.values(), default=0.0)
    ranked = sorted(
        (code for code in supported if supported[code] >= _SHARE * best), key=lambda code: (-supported[code], code)
    )
    return tuple(f"medtop:{code}" for code in ranked[:_MOST])
