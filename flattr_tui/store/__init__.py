"""The store: keeps the raw responses, and makes from them the catalogue, in which lists and items are found.

The store uses neither the network nor the screen.
"""
