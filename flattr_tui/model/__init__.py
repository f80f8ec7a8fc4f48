"""Flattr's objects as values: users, things, flattrs, activities. This package knows no network, disk or screen."""
