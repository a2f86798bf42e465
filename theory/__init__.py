"""What is claimed and why it is true: SymPy statements with machine-checked proofs, no randomness and no torch."""
