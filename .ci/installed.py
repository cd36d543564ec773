"""Checks an installed package in an empty folder: import, sample, list recipes, train three steps, open the page."""

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import gan_demo
from gan_demo import GAN
from gan_demo.pictures import real_digits

PACKAGE = Path(gan_demo.__file__).parent
WEB = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy knows no address of this machine
SHIPPED = ("dcgan", "mlp")


def run(*words: str) -> str:
    """What the installed command prints."""
    return subprocess.run(["gan-demo", *words], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def ask(address: str, name: str, *data: object) -> object:
    """What an end point of the page answers."""
    request = urllib.request.Request(
        f"{address}gradio_api/call/{name}", json.dumps({"data": data}).encode(), {"Content-Type": "application/json"}
    )
    event = json.load(WEB.open(request, timeout=60))["event_id"]
    stream = WEB.open(f"{address}gradio_api/call/{name}/{event}", timeout=60).read().decode()
    return json.loads(re.search(r"^event: complete\ndata: (.*)$", stream, re.MULTILINE)[1])[0]


assert not list(Path().iterdir()), "start it in an empty folder"
assert "site-packages" in PACKAGE.parts, f"this is the checkout: {PACKAGE}"
images = GAN.from_pretrained(PACKAGE / "checkpoints" / "mlp").sample(2, seed=3)
assert images.shape == (2, 1, 28, 28)
assert len(real_digits.sheet()) == 1000
assert "wgan-gp: Gulrajani et al. 2017" in run("recipes")
assert "Fréchet distance" in run("train", "--dataset", "digits", "--max-steps", "3")
assert GAN.from_pretrained("runs/mlp-digits").config.training["steps_done"] == 3

with subprocess.Popen(["gan-demo", "page"], stdout=subprocess.PIPE, encoding="utf-8") as page:
    try:
        line = page.stdout.readline()
        address = re.search(r"http://[\d.]+:\d+/", line)[0]
        names = [model["name"] for model in ask(address, "models")]
        assert set(names) >= {*SHIPPED, "mlp-digits"}, names
        for name in names:
            first, second = ask(address, "sample", name, 3, 2, 1.0)
            assert first["picture"].startswith("data:image/png;base64,") and first["picture"] != second["picture"]
        text = WEB.open(address, timeout=60).read().decode()
        assert "<html" in text
    finally:
        page.terminate()
        rest, _ = page.communicate(timeout=60)
assert (page.returncode, rest) == (0, "\nClosed.\n"), (page.returncode, rest)
print(f"Python {sys.version.split()[0]}: the page showed {', '.join(names)}")
