"""The store: the server's responses, kept unchanged, and the catalogue, an index of their lists and items.

The store uses neither the network nor the screen.
"""
