"""Reads saved data: the rows of lists in any order, search results, changes, statistics, earnings."""
