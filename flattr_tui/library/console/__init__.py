"""The API console: sends any API request that the user composes, and shows requests and responses as text."""
