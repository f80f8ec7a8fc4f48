"""Speaks the protocol: the table of methods, the client, its errors, login and tokens. Imports nothing at once."""
