"""Discriminator: what D says of a digit that somebody draws, brings or chooses, and why."""
