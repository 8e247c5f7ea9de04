"""The index's own tests; what every engine owes to the port is in tests/contracts/index."""
