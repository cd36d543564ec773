"""Samples: the digits of a seed, what they have in common, and one of them looked at closely."""
