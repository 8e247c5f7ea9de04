"""What kind of event a story reports, by a small lexicon of lemmas."""

_LEXICON = {
    "agreement": "agreement accord pact treaty deal sign memorandum intent contract letter cooperation ratify",
    "talks": "talk negotiation negotiate summit dialogue discuss meet meeting mediator envoy",
    "visit": "visit trip tour arrive welcome host",
    "delivery": "deliver delivery shipment ship handover receive consignment batch",
    "purchase": "buy purchase order procure procurement tender bid offer sale sell acquire acquisition takeover merger",
    "test": "test launch fire firing trial drill exercise",
    "sanction": "sanction embargo blacklist penalty freeze ban caatsa",
    "attack": "attack bomb bombing kill strike raid shoot shooting gunman explosion explode airstrike assault ambush "
    "militant suicide shell clash fighting",
    "protest": "protest demonstrate demonstration demonstrator rally riot march unrest strike",
    "election": "election elect vote voter ballot poll referendum candidate runoff",
    "appointment": "appoint appointment resign resignation nominate name inaugurate swear successor cabinet reshuffle",
    "legal": "court judge trial convict sentence charge arrest verdict prosecutor indict appeal jail ruling detain",
    "disaster": "earthquake flood storm hurricane typhoon cyclone tornado wildfire landslide crash derail capsize "
    "tsunami quake collapse avalanche eruption",
    "death": "die death dies obituary funeral mourn",
    "sport": "win beat defeat match tournament championship cup final medal league goal title race champion",
    "economy": "inflation economy growth rate bank market stock budget bailout debt unemployment tariff trade",
    "health": "outbreak virus vaccine disease epidemic pandemic infection hospital ebola",
}
_KIND = {lemma: kind for kind, lemmas in reversed(_LEXICON.items()) for lemma in lemmas.split()}
_LEAD = 40  # terms: the lead paragraph says what happened
_LEAST = 2.0  # one passing word is no event


def classify_event(headline: list[str], body: list[str]) -> str | None:
    """Classify the event that a story reports.

    Args:
        headline: The headline's terms, in order.
        body: The body's terms, in order. The first forty count.

    Returns:
        The best-supported type, None where too little speaks for any.
    """
    scores: dict[str, float] = {}
    weighted = [(term, 2.0) for term in headline]
    weighted += [(term, 1.5 if position < _LEAD // 2 else 1.0) for position, term in enumerate(body[:_LEAD])]
    for term, weight in weighted:
        kind = _KIND.get(term)
        if kind:
            scores[kind] = scores.get(kind, 0.0) + weight
    best = max(scores.items(), key=lambda item: (item[1], item[0]), default=None)
    return best[0] if best and best[1] >= _LEAST else None
