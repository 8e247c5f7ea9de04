"""Ranking follow-ups: candidates, features, the score and its explanation."""
