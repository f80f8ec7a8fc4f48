"""Imports and exports: files of items, bundles of a whole library, and responses that other programs recorded."""
