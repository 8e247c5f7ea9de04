"""Stories, takes and lineages as they are read, exported and retained."""
