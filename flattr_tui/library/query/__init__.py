"""Reads saved data: lists in any order, search results, statistics."""
