"""Mathematics on latents z ~ N(0, I): the straight and the spherical way from one to another."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

# Closer to opposite than this (radians), float32 inputs no longer say which way round the sphere to go.
OPPOSITE = 1e-6


def lerp(start: Tensor, end: Tensor, t: float | Tensor) -> Tensor:
    """Linear interpolation (1 - t) start + t end; shapes and types as in `slerp`.

    In many dimensions nearly all of N(0, I) lies near radius sqrt(d), and the middle of a straight way
    does not: it is shorter by about 1/sqrt(2), as if it had been truncated.
    """
    start64, end64, t64 = _prepared(start, end, t)
    return ((1 - t64) * start64 + t64 * end64).to(start.dtype)


def slerp(start: Tensor, end: Tensor, t: float | Tensor) -> Tensor:
    """Spherical interpolation: the great arc, along which latents of one norm keep that norm.

    sin((1-t)w)/sin(w) start + sin(tw)/sin(w) end, w being the angle between them: Shoemake 1985,
    "Animating rotation with quaternion curves", section 3.3; for latents White 2016, "Sampling
    generative networks", section 2.1. `start` and `end` are (d,) or (n, d); `t` from 0 to 1 is a number
    or a tensor that broadcasts against all dimensions but the last: t of shape (s,) turns (d,) latents
    into an (s, d) path. Computed in float64, returned in the type of `start`. t = 0 and t = 1 give
    `start` and `end` exactly. Parallel latents, and the zero vector, which has no direction, are
    interpolated linearly; for opposite ones, where every arc is as short, one arc is chosen by a fixed
    rule.
    """
    if start.shape[-1] == 1:
        return lerp(start, end, t)  # on a line there is no way round
    start64, end64, t64 = _prepared(start, end, t)
    start_norm = torch.linalg.vector_norm(start64, dim=-1, keepdim=True)
    end_norm = torch.linalg.vector_norm(end64, dim=-1, keepdim=True)
    u, v = start64 / start_norm, end64 / end_norm
    # Kahan's angle: acos loses half of the digits where it matters, near 0 and pi.
    angle = 2 * torch.atan2(
        torch.linalg.vector_norm(u - v, dim=-1, keepdim=True), torch.linalg.vector_norm(u + v, dim=-1, keepdim=True)
    )
    sine = torch.sin(angle)
    arc = (torch.sin((1 - t64) * angle) * start64 + torch.sin(t64 * angle) * end64) / sine
    # Half a turn through a direction at right angles to `start`.
    norm = (1 - t64) * start_norm + t64 * end_norm
    half_turn = norm * (torch.cos(t64 * math.pi) * u + torch.sin(t64 * math.pi) * _perpendicular(u))
    line = (1 - t64) * start64 + t64 * end64
    result = torch.where(angle > math.pi - OPPOSITE, half_turn, arc)
    result = torch.where((sine > 0) & torch.isfinite(angle), result, line)  # a zero vector's angle is NaN
    result = torch.where(t64 == 0, start64, torch.where(t64 == 1, end64, result))
    return result.to(start.dtype)


PATHS: dict[str, Callable[[Tensor, Tensor, float | Tensor], Tensor]] = {"spherical": slerp, "linear": lerp}


def path(start: Tensor, end: Tensor, steps: int, kind: str = "spherical") -> Tensor:
    """`steps` latents at equal t from `start` to `end`, both included: (d,), (d,) -> (steps, d).

    `kind` is a key of PATHS, `steps` at least 2.
    """
    return PATHS[kind](start, end, torch.linspace(0, 1, steps, dtype=torch.float64))


def _prepared(start: Tensor, end: Tensor, t: float | Tensor) -> tuple[Tensor, Tensor, Tensor]:
    t64 = torch.as_tensor(t, dtype=torch.float64, device=start.device).unsqueeze(-1)
    return start.double(), end.double(), t64


def _perpendicular(u: Tensor) -> Tensor:
    """A unit vector at right angles to the unit vector u: (..., d), d at least 2."""
    # The axis that u leans to least, made orthogonal to u (Gram-Schmidt).
    axis = torch.zeros_like(u).scatter_(-1, u.abs().argmin(-1, keepdim=True), 1.0)
    rest = axis - (axis * u).sum(-1, keepdim=True) * u
    return rest / torch.linalg.vector_norm(rest, dim=-1, keepdim=True)
