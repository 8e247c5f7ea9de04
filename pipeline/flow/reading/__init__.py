"""What readers ask: search, follow-ups, a story's history, dossiers."""
