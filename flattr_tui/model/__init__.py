"""Flattr's objects: users, things, flattrs, activities. It does not know the network, the disk and the screen."""
