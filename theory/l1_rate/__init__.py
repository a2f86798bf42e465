"""Claims of the paper on the l1 convergence rate of AdamW."""
