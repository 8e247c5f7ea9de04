"""The database itself: schema, connections, transactions, and what is made storable on the way in.

- open_database: a database is made, or brought up to date, by whoever comes first; ``migrations`` has the steps
- database: connections and transactions on SQLite and PostgreSQL, and what their errors mean
- columns, tables, happening_tables, alert_tables: the schema
- statements: inserting many rows at once; ids: numbers from the counters
- sanitize: texts, numbers and dates made storable; epoch: times as whole microseconds
- json_codec: stories, enrichments, reasons as JSON texts
"""
