"""Widgets that know nothing of the library but the shapes of what it shows."""
