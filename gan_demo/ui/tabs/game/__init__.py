"""You or D: ten pairs of a real and a generated digit, and who finds the real one more often."""
