"""Controllers: what the app does for accounts, writes, syncs, bookmarks and exports, each in a class of its own."""
