"""The ``wirewatch`` command. Its names, its JSON and its exit statuses are a contract: other programs call it."""
