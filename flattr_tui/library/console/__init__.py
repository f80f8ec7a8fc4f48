"""The API console: sends any request, and shows its exchanges as documents and code snippets."""
