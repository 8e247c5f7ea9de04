"""Commands about subscriptions and what was sent."""
