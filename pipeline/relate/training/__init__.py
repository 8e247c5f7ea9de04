"""Fitting the ranking's weights to judged follow-ups.

training_set    judged threads -> examples
fit             examples -> weights
"""
