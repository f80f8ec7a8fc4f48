"""The store: keeps the raw responses, and makes the catalogue from them.

It uses neither the network nor the screen.
"""
