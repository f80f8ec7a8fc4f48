"""The library: decides what to show and what to fetch. It reads saved data, fetches, syncs, searches and imports.

It knows nothing of screens.
"""
