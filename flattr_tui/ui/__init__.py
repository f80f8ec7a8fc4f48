"""The terminal interface. It uses Textual, and neither the network, the disk nor the database."""
