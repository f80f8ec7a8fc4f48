"""The signs that the console's methods have, from letters that every terminal has."""

FOR_LOGIN = "@"
"""A method for who is logged in."""
WRITES = "▲"
"""A method that changes something."""
