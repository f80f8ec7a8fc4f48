"""Answers from what is saved: feeds in their order or another, what is found, what is counted."""
