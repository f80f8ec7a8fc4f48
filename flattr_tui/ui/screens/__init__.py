"""The pages and dialogs. The first page of each mode is imported when it is first shown."""
