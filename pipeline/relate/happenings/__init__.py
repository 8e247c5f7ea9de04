"""Which stories report the same event."""
