"""Entity linking: which entity each naming of a story means.

- ``entity_linker``: every span -> canonical name and entity id.
- ``story_people``, ``full_names``: who is who among the people of a story, and whether two full names are one person's.
- ``qualified_cities``: "Paris, Texas".
- ``salience``: how much the story is about each entity.
"""
