"""Moves saved data out and in: exports, bundles, and files that other programs recorded."""
