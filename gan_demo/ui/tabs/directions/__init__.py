"""Directions: sliders that move a latent along directions whose effect has been measured."""
