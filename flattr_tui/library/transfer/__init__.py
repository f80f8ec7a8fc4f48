"""Imports and exports: exports of saved data, bundles, and files that other programs recorded."""
