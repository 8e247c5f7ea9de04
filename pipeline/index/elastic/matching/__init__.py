"""Stored queries on Elasticsearch: by the percolator, or by searching the batch."""
