"""Checks of the claims in theory/l1_rate, one a file, same names."""
