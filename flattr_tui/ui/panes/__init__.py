"""Parts of screens: a list with all that belongs to it, and the detail beside it."""
