"""Checks of the claims in theory/implicit_bias, one a file, same names."""
