"""The screen: everything of Textual and nothing of the network, the disk or the database."""
