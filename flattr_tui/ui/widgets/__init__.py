"""Widgets that know the library's data types, but not the library itself."""
