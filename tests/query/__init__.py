"""The query language and the text analysis, through what both engines use of them."""
