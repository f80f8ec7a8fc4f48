"""The store: keeps the raw responses, and derives the catalogue from them, in which lists and items are looked up.

The store uses neither the network nor the screen.
"""
