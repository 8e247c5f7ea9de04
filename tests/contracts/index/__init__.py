"""SearchIndex: what every engine owes to the port."""
