"""The store's own tests; what both databases owe to the port is in tests/contracts."""
