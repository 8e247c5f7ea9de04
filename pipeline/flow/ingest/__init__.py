"""Stories in: due feeds, drop folders, files, article pages of teaser feeds; how the feeds are doing."""
