"""Logins and logouts, and writes as the logged-in user: flattring, subscribing, and editing things."""
