"""A story's whole affair as one document."""
