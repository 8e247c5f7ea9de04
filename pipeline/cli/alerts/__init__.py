"""Commands about subscriptions and what was sent. Each has a module of its name."""
