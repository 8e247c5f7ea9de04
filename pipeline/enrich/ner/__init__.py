"""Named entity recognition: where the names are, and of which type."""
