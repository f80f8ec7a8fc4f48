"""Widgets. They may use the library's data types, but not the library itself."""
