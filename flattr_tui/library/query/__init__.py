"""Reads saved data: feeds in any order, search results, statistics."""
