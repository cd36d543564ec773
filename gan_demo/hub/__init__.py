"""The Hugging Face Hub: load a model from it, push a checkpoint to it, put the page on a Space.

    python -m gan_demo push checkpoints/dcgan user/my-gan
    python -m gan_demo deploy user/my-space

A model repository is a checkpoint folder: pushing is uploading it, loading is fetching it. huggingface_hub is
imported only by the functions that talk to the Hub: who works with local folders does not wait for it.
"""

from gan_demo.hub.client import HubError
from gan_demo.hub.download import PULLED, Origin, check_new, copy, is_repository, origin, pull
from gan_demo.hub.space_plan import Plan
from gan_demo.hub.spaces import deploy
from gan_demo.hub.upload import PUSHED, Publisher, Target, check, push

__all__ = [
    "PULLED",
    "PUSHED",
    "HubError",
    "Origin",
    "Plan",
    "Publisher",
    "Target",
    "check",
    "check_new",
    "copy",
    "deploy",
    "is_repository",
    "origin",
    "pull",
    "push",
]
