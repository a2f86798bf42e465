"""Checks of the claims in theory/foundations, one a file, same names."""
