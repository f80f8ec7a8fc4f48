"""Tests of linear mode."""
