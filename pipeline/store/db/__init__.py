"""The database itself: schema, connections, transactions, and what is made storable on the way in."""
