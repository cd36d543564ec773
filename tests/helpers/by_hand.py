"""Losses worked out by hand: with D = sigmoid(l), a logit of log 3 is D = 3/4 and -log 3 is D = 1/4."""

import math

LOG_3 = math.log(3)

# Of real outputs and fake outputs: D's loss, G's loss. With D = 3/4, 1/2 and 1/4, 3/4 for those of logits:
# -(log 3/4 + log 1/2) / 2 - (log 3/4 + log 1/4) / 2, and for G (log 3/4 + log 1/4) / 2 with its sign.
BY_HAND = {
    "minimax": ([LOG_3, 0.0], [-LOG_3, LOG_3], 1.327403, -0.836988),
    "non-saturating": ([LOG_3, 0.0], [-LOG_3, LOG_3], 1.327403, 0.836988),
    "least-squares": ([2.0, 0.5], [-1.0, 0.5], (1 + 0.25) / 4 + (1 + 0.25) / 4, (4 + 0.25) / 4),
    "wasserstein": ([2.0, 0.5], [-1.0, 0.5], -0.25 - 1.25, 0.25),
    "hinge": ([2.0, 0.5], [-1.0, 0.5], (0 + 0.5) / 2 + (0 + 1.5) / 2, 0.25),
    # log(1 + exp(-3)) = 0.048587 and log 2 = 0.693147; for G log(1 + exp(3)) = 3.048587
    "relativistic": ([2.0, 0.5], [-1.0, 0.5], 0.370867, 1.870867),
}


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


# Derivatives: of D's loss in D(x) and in D(G(z)), of G's loss in D(x) and in D(G(z)).
SLOPES = {
    "minimax": lambda r, f: (-(1 - sigmoid(r)), sigmoid(f), 0, -sigmoid(f)),
    "non-saturating": lambda r, f: (-(1 - sigmoid(r)), sigmoid(f), 0, -(1 - sigmoid(f))),
    "least-squares": lambda r, f: (r - 1, f, 0, f - 1),
    "wasserstein": lambda r, f: (-1, 1, 0, -1),
    "hinge": lambda r, f: (-float(r < 1), float(f > -1), 0, -1),
    "relativistic": lambda r, f: (-sigmoid(f - r), sigmoid(f - r), sigmoid(r - f), -sigmoid(r - f)),
}
