"""Claims of the paper on the implicit bias of AdamW towards an l-infinity constrained problem."""
