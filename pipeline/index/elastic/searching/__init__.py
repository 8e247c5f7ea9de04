"""Queries to Elasticsearch: search and candidates."""
