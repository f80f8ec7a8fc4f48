"""Widgets that depend on the library's data types only, not on the library."""
