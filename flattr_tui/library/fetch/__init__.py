"""Asks the server for what is missing or stale, the most urgent first, and keeps every answer before it is told."""
