"""Controllers: the app's actions for accounts, writes, syncs, bookmarks and exports, a class for each."""
