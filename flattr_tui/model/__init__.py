"""Flattr's objects as values: users, things, flattrs, activities. Knows nothing of network, disk and screen."""
