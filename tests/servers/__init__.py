"""Real servers for the tests: PostgreSQL, Elasticsearch, SMTP and HTTP, started here and thrown away afterwards.

Each server is a context manager in its own module and a fixture in ``fixtures``. ``python -m tests.servers.prepare``
installs what they need. A server that cannot be had is an error that says what to install, never a skipped test.
"""
