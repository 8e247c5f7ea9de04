"""Ranking follow-ups: candidates, features, score, explanation.

candidates          a story -> one request to the engine
features            an outline -> compact arrays; nations: the nations that its words place it in
story_matrix        many stories as a few arrays; sketch_arrays: made of stored sketches
feature_cache       features and matrices as they are needed; matrix_cache: rows kept ready
pair_features       a story beside each candidate
list_features       candidates beside each other
compare             which candidates are compared; all features in one row per candidate
score               weighted features -> ranking; explain: the score in words
weights             the numbers as data; weight_selection: which of them rank for a story

candidates -> feature_cache -> compare -> score -> explain
"""
