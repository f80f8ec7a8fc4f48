"""Fetches data that is missing or stale, the most urgent first, and stores every response before it is shown."""
