"""Flattr's objects as values: users, things, flattrs, activities. This package does not use network, disk or screen."""
