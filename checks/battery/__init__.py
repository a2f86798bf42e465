"""The battery: one list of questions asked of every claim."""
