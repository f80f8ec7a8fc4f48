"""Flattr's protocol: the table of methods, the client, its errors, login and tokens."""
