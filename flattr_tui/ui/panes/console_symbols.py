"""The symbols of methods in the console, from characters that every terminal has."""

LOGIN_SYMBOL = "@"
"""The method needs a login."""
WRITE_SYMBOL = "▲"
"""The method changes something."""
