"""Keeps what came: the raw responses, and the catalogue made from them. Knows no network and no screen."""
