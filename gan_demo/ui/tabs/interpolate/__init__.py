"""Interpolate: the way from one latent to another, as a film and as curves along it."""
