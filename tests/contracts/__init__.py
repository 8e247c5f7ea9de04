"""One suite a port: every adapter passes it."""
