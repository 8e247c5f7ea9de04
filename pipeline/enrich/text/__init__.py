"""Texts as the tagger works on them.

- ``normalized_text``: without odd spaces, quotes and mark-up, with the way back to the original offsets.
- ``language``: which language a text is in.
- ``windows``: how long texts are cut for the model.
- ``token_table``: words with their capitals and neighbours, for rules about names.
- ``terms``: lemmas, for counting.
- ``spelling``: variants and typing errors of names.
"""
