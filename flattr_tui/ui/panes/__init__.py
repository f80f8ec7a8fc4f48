"""The large parts of pages: lists with filter and status, the search form and its results, the parts of the console."""
