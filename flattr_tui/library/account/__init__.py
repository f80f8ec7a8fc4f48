"""What the program does as an account: logins, writes, and changes that fetched data does not have yet."""
