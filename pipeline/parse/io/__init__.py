"""Bytes to text and trees: compression, encodings, markup, JSON."""
