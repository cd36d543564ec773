"""Recipes: published ways to train a GAN, with their papers' settings adapted to these networks.

    python train.py --list-recipes

A recipe holds what a paper proposes, as fields of `settings.Settings`. The papers' learning rates and batch sizes were
found for other pictures and other networks, so a recipe leaves them open: the defaults of `Settings` work here.
`tuned` holds what one model needs besides. `changed` says in words where all this departs from the paper, and why.
"""

from dataclasses import dataclass, field
from typing import Any

PENALTY_SETTINGS = ("penalty", "penalty_weight", "penalty_every")


@dataclass(frozen=True)
class Recipe:
    """One row of `RECIPES`."""

    paper: str
    settings: dict[str, Any]  # what the paper is about
    changed: str  # what differs from the paper, and why
    tuned: dict[str, dict[str, Any]] = field(default_factory=dict)  # model -> settings found here

    def of(self, model: str) -> dict[str, Any]:
        """Return the settings for a model that differ from the defaults of `settings.Settings`."""
        return {**self.settings, **self.tuned.get(model, {})}


ADAM = "Adam, a cosine decay, and an average of the generator's weights"

RECIPES: dict[str, Recipe] = {
    "gan": Recipe(
        "Goodfellow et al. 2014, Generative Adversarial Nets",
        {"objective": "minimax"},
        f"{ADAM}, in the place of SGD with momentum; no dropout in D, batch norm in G.",
    ),
    "ns-gan": Recipe(
        "Goodfellow et al. 2014, end of section 3",
        {"objective": "non-saturating"},
        f"{ADAM}, in the place of SGD with momentum; no dropout in D, batch norm in G.",
    ),
    "lsgan": Recipe(
        "Mao et al. 2017, Least Squares GANs",
        {"objective": "least-squares"},
        "No batch norm in D, so that what D says of a picture depends on this picture alone.",
    ),
    "wgan": Recipe(
        "Arjovsky et al. 2017, Wasserstein GAN",
        {
            "objective": "wasserstein",
            "penalty": "clip",
            "penalty_weight": 0.01,
            # As the paper's critics have it: without it, clipped weights leave D too flat to tell digits apart.
            "discriminator_norm": "batch",
            "d_steps": 2,
            "lr_d": 1e-3,
        },
        "Adam without momentum in the place of RMSProp, learning rates above 5e-5, and two steps of D for each step of"
        " G, not five.",
    ),
    "wgan-gp": Recipe(
        "Gulrajani et al. 2017, Improved Training of Wasserstein GANs",
        {
            "objective": "wasserstein",
            "penalty": "gradient",
            "penalty_weight": 10.0,
            "d_steps": 1,
            "beta1": 0.0,
            "beta2": 0.9,
        },
        "One step of D for each step of G, not five, which in as many epochs is five times as many steps of G; and"
        " learning rates above 1e-4.",
    ),
    "dragan": Recipe(
        "Kodali et al. 2017, On Convergence and Stability of GANs",
        {"objective": "non-saturating", "penalty": "dragan", "penalty_weight": 10.0},
        "A lambda of 1, not 10, and a faster D on the MLP, whose D was too weak to follow.",
        {"mlp": {"penalty_weight": 1.0, "lr_d": 1e-3}},
    ),
    "sngan": Recipe(
        "Miyato et al. 2018, Spectral Normalization for GANs",
        {"objective": "hinge", "discriminator_norm": "spectral", "beta1": 0.0, "beta2": 0.9},
        "One step of D for each step of G, not five.",
    ),
    "r3gan": Recipe(
        "Huang et al. 2024, The GAN is dead; long live the GAN! (R3GAN)",
        {"objective": "relativistic", "penalty": "r1+r2", "penalty_weight": 0.1},
        "The objective and its penalties, on these networks and not on the paper's.",
        {"dcgan": {"penalty_weight": 0.5, "penalty_every": 4}},
    ),
    "r1-gan": Recipe(
        "Mescheder et al. 2018, Which Training Methods for GANs do actually Converge?",
        {"objective": "non-saturating", "penalty": "r1", "penalty_weight": 0.5, "penalty_every": 4},
        "A weaker penalty than 10, on every fourth step of D only; for a style generator as Karras 2020 has it.",
        {"style": {"penalty_every": 16, "lr_g": 1e-2, "lr_d": 2e-3, "batch_size": 64}},
    ),
}
