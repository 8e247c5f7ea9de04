"""What every database owes to the ports of the store. Each suite runs on SQLite and on PostgreSQL."""
