"""Fetches what is missing or stale, most urgent first, and stores every response before it is shown."""
