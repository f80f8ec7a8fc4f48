"""The large parts of pages: lists with filter and status, the detail pane, the console's form and response."""
