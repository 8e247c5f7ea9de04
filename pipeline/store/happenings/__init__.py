"""Happenings (stories of one event), threads (happenings that follow each other up), and rulings on both."""
