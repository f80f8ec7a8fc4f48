"""The parts of pages: a list with its filter and status, the detail beside it, the console's form and response."""
