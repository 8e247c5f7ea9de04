"""The work queue: claims with leases, and the outcome that each stage records."""
