"""Evidence in, one HTML page out: what was proved, exercised and shown, and what was not run."""
