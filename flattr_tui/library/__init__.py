"""The library: decides what to show and what to fetch. It reads saved data, fetches, syncs, searches and imports.

It does not depend on the screens that show the data.
"""
