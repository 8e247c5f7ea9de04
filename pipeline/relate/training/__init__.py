"""Fitting the ranking's weights to judged follow-ups.

training_examples    judged threads -> examples
fit                  examples -> weights
"""
