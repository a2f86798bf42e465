"""What the papers share: convexity of the square, the logarithm below its tangent, Cauchy-Schwarz, norm duality."""
