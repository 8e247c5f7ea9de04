"""What a message says: subject, text, HTML."""
