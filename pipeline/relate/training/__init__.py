"""Fitting the ranking's weights to judged follow-ups."""
