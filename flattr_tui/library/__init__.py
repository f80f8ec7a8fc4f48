"""Decides what to show and what to fetch: feeds, records, the fetcher, synchronisation. It does not know the screen."""
