"""The library decides what to show and what to fetch: it reads saved data, fetches, syncs, searches and imports.

The library does not depend on the screens that show the data.
"""
