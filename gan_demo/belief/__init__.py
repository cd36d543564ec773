"""What D's number means: in words, against the numbers it gives to real and generated pictures, pixel by pixel."""

from gan_demo.belief.meaning import *  # noqa: F403
