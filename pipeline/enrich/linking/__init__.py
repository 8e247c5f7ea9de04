"""Entity linking within a story: which names are one entity."""
