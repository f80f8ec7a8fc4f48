"""Acts as an account: logins, writes, and changes that are not yet in fetched data."""
