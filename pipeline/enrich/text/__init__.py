"""A text as the tagger reads it: normalised, tokenised, counted, in a language."""
