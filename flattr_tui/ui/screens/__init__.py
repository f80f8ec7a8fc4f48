"""The screens; each mode's first one is imported when it is first shown."""
