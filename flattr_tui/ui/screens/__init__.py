"""The pages and dialogs of the app. They are imported when they are first shown."""
