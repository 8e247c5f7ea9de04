"""What everyone knows of wire copy, each rule once.

    take_line          "UPDATE 1-": a take's place in its story, and the words of a headline that are about the story
    slugline           the words by which a desk calls a story
    body               the text between dateline and trailer
    availability       who may read a take, and from when on
    times              which times a publisher's word is taken for
    tracking_params    parameters of addresses that do not say which page it is

Every stage imports this package; it imports only ``models``, ``text`` and ``errors``.
"""
