"""How a claim is exercised: optimizers, instances, solvers, the battery and the command line."""
