"""The protocol: the table of methods, the client, its errors, login and tokens. Submodules are imported when needed."""
