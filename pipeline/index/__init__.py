"""Search: documents made from the store's records, and two engines that hold them behind one contract (SearchIndex)."""
