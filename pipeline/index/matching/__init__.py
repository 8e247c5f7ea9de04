"""Stored queries evaluated on a batch of stories, in this process."""
