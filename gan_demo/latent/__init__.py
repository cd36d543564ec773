"""The latent space: where pictures come from, and how to move about in it.

Read paths.py first: ways from one latent z ~ N(0, I) to another, of which this module re-exports what other programs
use. endless_map.py makes a plane of latents, and truncation.py leads latents to typical ones. directions.py reads and
applies the named directions of a checkpoint, direction_search.py finds and measures them with direction_methods.py
(GANSpace, SeFa, linear models) and ink.py (slant, stroke width, size, roundness). spaces.py has the spaces of a style
generator beside z: w and W+. noise.py says what its noise changes, units.py what the channels of a generator do, and
strokes.py counts loops and ends. inversion.py goes the other way: from a picture to the latent that draws it.
"""

from gan_demo.latent.paths import (
    PATHS,
    lerp,
    norm_band,
    pack,
    path,
    positions,
    route,
    slerp,
    stops,
    unpack,
    vary,
)

__all__ = [
    "PATHS",
    "lerp",
    "norm_band",
    "pack",
    "path",
    "positions",
    "route",
    "slerp",
    "stops",
    "unpack",
    "vary",
]
