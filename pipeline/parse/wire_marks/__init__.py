"""What a story's own words say of it: dateline, agency, trailer, topics, times."""
