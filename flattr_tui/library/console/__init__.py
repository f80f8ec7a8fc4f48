"""The API console: any method by hand, and its exchanges as values, documents and other programs' words."""
