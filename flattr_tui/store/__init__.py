"""The store: keeps the raw responses, and makes the catalogue from them, in which lists and items can be found.

The store uses neither the network nor the screen.
"""
