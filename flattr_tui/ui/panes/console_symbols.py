"""The symbols of methods in the console, made of characters that every terminal has."""

LOGIN_SYMBOL = "@"
"""The method needs a login."""
WRITE_SYMBOL = "▲"
"""The method changes something."""
