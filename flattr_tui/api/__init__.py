"""The protocol of Flattr's API: the table of methods, the client, its errors, login and tokens."""
