"""The pages and dialogs. The first page of a mode is imported when it is first shown."""
