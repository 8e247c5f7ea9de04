"""Which subscriptions a story matches, and who is sent what."""
