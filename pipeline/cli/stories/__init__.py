"""Commands that bring stories in and show them."""
