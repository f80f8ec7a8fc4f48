"""Stores the raw responses, and the catalogue made from them. It does not know the network and the screen."""
