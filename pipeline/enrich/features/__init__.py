"""What tagging computes of a text besides its entities, one module per feature.

``amounts`` of money, ``dates``, ``topics`` (IPTC), ``event_type``, ``keyterms``, ``embeddings`` (the vector) and
``minhash`` (the signature from which copies are found).
"""
