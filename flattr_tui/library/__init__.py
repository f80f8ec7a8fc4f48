"""Decides what to show now and what to fetch: feeds, records, the fetcher, synchronisation. Knows no screen."""
