"""Controllers: one class each for accounts, writes, syncs, bookmarks, exports and the other actions of the app."""
