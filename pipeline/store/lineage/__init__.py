"""Which takes are one story, which of them wins, and what has to change when that changes."""
