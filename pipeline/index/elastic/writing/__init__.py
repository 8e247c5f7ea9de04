"""Documents into Elasticsearch: bulk writes, index names and aliases, rebuilds."""
