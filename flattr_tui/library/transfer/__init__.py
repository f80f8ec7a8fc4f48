"""Moves what is saved out and in: exports, bundles, and files that somebody else recorded."""
