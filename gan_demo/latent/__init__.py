"""The latent space: where pictures come from, and how to move about in it."""

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
