"""Bytes to text and trees, whatever format they are of.

compressed     gzip without bombs
sniff          the sample by which a format is recognised
decode         bytes of uncertain encoding to text, and text made safe
safe_xml       XML to trees, without entities and network
html           markup to plain text
json_values    JSON with faults that say where they are
"""
