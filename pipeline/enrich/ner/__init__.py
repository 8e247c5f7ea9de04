"""Named entity recognition: which words name something, and what type of thing.

- ``mention_resolver``: the flow; model, gazetteer and context decide together.
- ``spacy_model``: the statistical model. ``boundary_repair``: where its names really begin and end.
- ``context_rules``, ``designation_rules``, ``acronyms``: names that words around them or inside them give away.
- ``name_spans``: what all of these propose.
- ``type_voting``: one type per name and story. ``short_names``: what a name is shortened to later on.
- ``mention_propagation``: namings that all of these have missed.
- ``dateline_names``: place and agency in the dateline.
"""
