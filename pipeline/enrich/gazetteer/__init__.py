"""The gazetteer: names that are known beforehand, as data, and how they are matched.

- ``files``, ``entries``, ``records``: YAML files -> nodes -> records, with a note of every mistake.
- ``lexicon``: word lists, such as titles and first names.
- ``places``: countries and cities. ``known_people``: people by first name and by surname.
- ``matcher``: all entries compiled into one trie, which finds them in a text.
- ``knowledge``: all of this together, as a tagger needs it.
"""
