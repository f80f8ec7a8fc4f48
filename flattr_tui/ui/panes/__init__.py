"""The parts that pages consist of: lists with filter and status, the detail pane, the console's form and response."""
