"""The ways to reach a subscriber."""
