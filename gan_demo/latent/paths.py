"""Mathematics on latents z ~ N(0, I): ways from one to another, what lies around one, and how long they are."""

import base64
import functools
import math
from collections.abc import Callable

import numpy as np
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
    return _like(start, (1 - t64) * start64 + t64 * end64)


def slerp(start: Tensor, end: Tensor, t: float | Tensor) -> Tensor:
    """Spherical interpolation: the great arc, along which latents of one norm keep that norm.

    sin((1-t)w)/sin(w) start + sin(tw)/sin(w) end, w being the angle between them: Shoemake 1985,
    "Animating rotation with quaternion curves", section 3.3; for latents White 2016, "Sampling
    generative networks", section 2.1. `start` and `end` are (d,) or (n, d); `t` from 0 to 1 is a number
    or a tensor that broadcasts against all dimensions but the last: t of shape (s,) turns (d,) latents
    into an (s, d) path. Computed in float64, returned in the type and on the device of `start`. t = 0 and t = 1 give
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
    return _like(start, result)


PATHS: dict[str, Callable[[Tensor, Tensor, float | Tensor], Tensor]] = {"spherical": slerp, "linear": lerp}


def path(start: Tensor, end: Tensor, steps: int, kind: str = "spherical") -> Tensor:
    """`steps` latents at equal t from `start` to `end`, both included: (d,), (d,) -> (steps, d).

    `kind` is a key of PATHS, `steps` at least 2.
    """
    return PATHS[kind](start, end, torch.linspace(0, 1, steps, dtype=torch.float64))


def stops(points: int, steps: int) -> list[int]:
    """The frames, of `steps`, on which the way points lie, as evenly spread as whole numbers allow.

    `points` from 2 to `steps`; the first is on frame 0, the last on frame steps - 1.
    """
    return [leg * (steps - 1) // (points - 1) for leg in range(points)]


def positions(points: int, steps: int, finer: int = 1) -> Tensor:
    """The position of each frame on a way through several points: ((steps - 1) * finer + 1,) float64, 0 to points - 1.

    2 is the third point, 1.5 halfway from the second to it. Every point is met by one of `steps` frames
    (`stops`), between two of which there are `finer` - 1 more.
    """
    marks = stops(points, steps)
    frames = torch.arange((steps - 1) * finer + 1, dtype=torch.float64) / finer
    leg = torch.bucketize(frames, torch.tensor(marks[1:-1], dtype=torch.float64), right=True)
    first, last = torch.tensor(marks, dtype=torch.float64)[torch.stack([leg, leg + 1])]
    return leg + (frames - first) / (last - first)


def route(points: Tensor, at: Tensor, kind: str = "spherical") -> Tensor:
    """The latents at positions `at` (see `positions`) of a way through points: (k, d), (n,) -> (n, d).

    `kind` is a key of PATHS; k is at least 2.
    """
    device, at, points = points.device, at.cpu(), points.cpu()
    leg = at.floor().long().clamp(0, len(points) - 2)
    return PATHS[kind](points[leg], points[leg + 1], at - leg).to(device)


def vary(z: Tensor, noise: Tensor, radius: float) -> Tensor:
    """Something near z: sqrt(1 - radius^2) z + radius noise, of any shapes that broadcast.

    If z and `noise` are independent draws from N(0, I), or both from N(0, t^2 I), so is the result, which a
    plain sum would not be: it would be longer, and the generator has never seen such latents. `radius` is
    from 0 (z itself) to 1 (the noise alone), and 1 - radius^2 the square of the correlation with z.
    """
    return math.sqrt(1 - radius**2) * z + radius * noise


@functools.cache
def norm_band(dimensions: int, share: float = 0.95) -> tuple[float, float]:
    """The two norms between which the middle `share` of N(0, I) in so many dimensions lies.

    The square of the norm has a chi-squared distribution, whose distribution function is the regularised
    incomplete gamma function P(d / 2, x / 2).
    """
    from scipy.special import gammaincinv  # only here: what the page opens with has no need of it

    low, high = (math.sqrt(2 * gammaincinv(dimensions / 2, level)) for level in ((1 - share) / 2, (1 + share) / 2))
    return low, high


def _prepared(start: Tensor, end: Tensor, t: float | Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """All in float64 and on the CPU: the GPUs of Macs have no float64."""
    t64 = t.cpu().double() if isinstance(t, Tensor) else torch.tensor(t, dtype=torch.float64)
    return start.cpu().double(), end.cpu().double(), t64.unsqueeze(-1)


def _like(start: Tensor, result: Tensor) -> Tensor:
    return result.to(start.dtype).to(start.device)


def _perpendicular(u: Tensor) -> Tensor:
    """A unit vector at right angles to the unit vector u: (..., d), d at least 2."""
    # The axis that u leans to least, made orthogonal to u (Gram-Schmidt).
    axis = torch.zeros_like(u).scatter_(-1, u.abs().argmin(-1, keepdim=True), 1.0)
    rest = axis - (axis * u).sum(-1, keepdim=True) * u
    return rest / torch.linalg.vector_norm(rest, dim=-1, keepdim=True)


MAX_PACKED = 256  # numbers in a latent that is written as text
MAX_PACKED_8 = 2 * MAX_PACKED  # of 8 bits each, which take as much room
_LEAST_STEP = float(np.finfo(np.float16).tiny)


def pack(z: Tensor) -> str:
    """A latent (d,) as text, the base64url of float16 numbers: `unpack` gives them back exactly.

    Raises ValueError on more than MAX_PACKED numbers, and where one is not finite or beyond float16.
    """
    numbers = z.detach().cpu().numpy().astype("<f2")
    if numbers.ndim != 1 or not 0 < len(numbers) <= MAX_PACKED or not np.isfinite(numbers).all():
        raise ValueError(f"a latent has 1 to {MAX_PACKED} finite numbers")
    return _text(numbers.tobytes())


def unpack(text: str) -> Tensor:
    """The latent (d,) float32 that `pack` wrote; raises ValueError on anything else, one text a latent."""
    content = _content(text)
    if not content or len(content) % 2:
        raise ValueError("this is not a latent")
    z = torch.from_numpy(np.frombuffer(content, "<f2").astype(np.float32))
    if not torch.isfinite(z).all() or pack(z) != text:
        raise ValueError("this is not a latent")
    return z


def pack_8(point: Tensor) -> str:
    """A longer point (n,) as text half as long: one float16 step, and how many of it each number is, -127 to 127.

    `unpack_8` gives back each number within half a step, which is a 127th of the largest. Raises ValueError on more
    than MAX_PACKED_8 numbers, and where one is not finite or beyond float16.
    """
    numbers = point.detach().cpu().double().numpy()
    if numbers.ndim != 1 or not 0 < len(numbers) <= MAX_PACKED_8 or not (np.abs(numbers) <= 65_504).all():
        raise ValueError(f"a point has 1 to {MAX_PACKED_8} finite numbers")
    return _text(_eight_bits(numbers))


def unpack_8(text: str) -> Tensor:
    """The point (n,) float32 that `pack_8` wrote; raises ValueError on anything else, one text a point."""
    content = _content(text)
    if len(content) < 3:
        raise ValueError("this is not a point")
    step, steps = float(np.frombuffer(content[:2], "<f2")[0]), np.frombuffer(content[2:], np.int8)
    if not math.isfinite(step) or len(steps) > MAX_PACKED_8:
        raise ValueError("this is not a point")
    numbers = steps.astype(np.float64) * step
    if _text(_eight_bits(numbers)) != text:
        raise ValueError("this is not a point")
    return torch.from_numpy(numbers.astype(np.float32))


def _eight_bits(numbers: np.ndarray) -> bytes:
    step = np.array(max(np.abs(numbers).max() / 127, _LEAST_STEP), "<f2")
    return step.tobytes() + np.round(numbers / float(step)).astype(np.int8).tobytes()


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")


def _content(text: str) -> bytes:
    """The bytes of `_text`; none of anything else."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""
