"""The terminal interface, made with Textual. It does not access the network, the disk or the database."""
