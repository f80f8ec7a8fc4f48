"""Imports and exports: files of saved items, bundles of a whole library, and what other programs recorded."""
