"""Which subscriptions a story matches, and who is told what."""
