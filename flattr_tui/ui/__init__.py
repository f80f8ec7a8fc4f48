"""The terminal interface, made with Textual. It reaches the network and saved data only through the library."""
