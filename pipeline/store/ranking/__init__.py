"""What ranking reads of stories, and how common their labels are.

relation_store         the port ``RelationStore``: heads, sketches, outlines, document frequencies, copies, links
ranking_rows           the statements that read many stories at once, and how their rows are decoded
document_frequencies   the counts that the frequencies are read from, kept up to date as winning takes change
"""
