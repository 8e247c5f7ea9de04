"""What tagging computes of a text besides its entities."""
