"""What Flattr is about: users, things, flattrs, activities. Knows no network, no disk and no screen."""
