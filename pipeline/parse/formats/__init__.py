"""One module per format; ``registry`` lists them in the order in which they are tried.

A further format is a line in the registry and a module with a function ``read(document)``, which yields the ``Fields``
of each take, and a ``Rejected`` for each item that is none.

    feed, jsonfeed                                RSS and Atom, JSON Feed
    ninjs, digitalwires                           JSON of agencies; json_document and json_lines take it apart
    newsml_g2, newsml_1, nitf                     XML of agencies
    iptc7901, plain                               teleprinter messages, text as telegraphed
    refused                                       what carries no stories: web pages, pictures, ANPA
"""
