"""Copies: takes whose signatures meet, and the groups that confirmed pairs form."""
