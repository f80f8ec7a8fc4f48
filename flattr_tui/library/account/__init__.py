"""What the program does as an account: logins, writes, and the display of writes before fetched data contains them."""
