"""The gazetteer: known names as data, and how they are matched."""
