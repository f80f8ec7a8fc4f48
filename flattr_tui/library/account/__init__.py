"""Acts as an account: logging in, writing, and what was done but is not yet in what was fetched."""
