"""The Elasticsearch engine: what the contract suite cannot ask of every engine, on real servers."""
