"""The store's own tests; what both databases owe to the ports is in tests/contracts/store."""
