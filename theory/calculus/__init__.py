"""Calculus as schemas on terms: what they conclude holds if their conditions hold. Trusted by the
claims that use them.
"""
