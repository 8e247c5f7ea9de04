"""Words that one desk writes otherwise than another."""


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split("/") for pair in text.split())


BRITISH = _pairs(
    """
    defense/defence center/centre labor/labour program/programme color/colour favor/favour honor/honour harbor/harbour
    organization/organisation organizations/organisations organize/organise organized/organised recognize/recognise
    recognized/recognised criticized/criticised criticize/criticise analyze/analyse theater/theatre meter/metre
    meters/metres kilometers/kilometres canceled/cancelled traveled/travelled neighbor/neighbour neighbors/neighbours
    authorized/authorised license/licence realize/realise apologized/apologised emphasized/emphasised tons/tonnes
    gray/grey plow/plough check/cheque offense/offence fulfill/fulfil skeptical/sceptical toward/towards
    defence/defense centre/center programme/program labour/labor favour/favor harbour/harbor metres/meters
    kilometres/kilometers criticised/criticized organised/organized recognised/recognized tonnes/tons towards/toward
    """
)
NUMERALS = _pairs("two/2 three/3 four/4 five/5 six/6 seven/7 eight/8 nine/9 ten/10 twelve/12 twenty/20 hundred/100")
SYNONYMS = _pairs(
    """
    said/stated told/informed big/large also/too but/however began/started buy/purchase bought/purchased allow/permit
    about/around after/following before/ahead because/since between/among help/assist need/require needs/requires
    wants/seeks want/seek talks/discussions deal/agreement plan/scheme plans/schemes month/four-week months/weeks
    country/nation countries/nations government/cabinet minister/secretary ministry/department officials/authorities
    official/functionary meeting/gathering visit/trip letter/note signed/inked agreed/consented company/firm
    companies/firms make/produce made/produced show/reveal showed/revealed shows/reveals new/fresh old/former
    last/previous next/coming first/initial many/numerous several/various part/portion whole/entire way/manner
    end/conclusion ended/concluded asked/queried answer/reply answered/replied leave/depart left/departed
    gave/handed give/hand given/handed took/grabbed taken/seized keep/retain kept/retained long/lengthy
    system/complex systems/complexes missile/rocket missiles/rockets worth/valued price/cost money/funds
    """
)
