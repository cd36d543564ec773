"""Every text of the page in one place, so that another language is another table.

What D's number means is said by `gan_demo.belief`, which is not part of the page.
"""

ENGLISH = {
    "title": "Digits nobody wrote",
    "tagline": (
        "A generator turns random numbers into handwritten digits. A discriminator, D, has learned to tell them from"
        " real ones. Look at both at work."
    ),
    # The model picker and its line of facts.
    "model": "Model",
    "broken": "{name} (cannot be loaded)",
    "instead": "The page offers the models that it has on its own.",
    "commit": "From the Hub",
    "architecture": "Networks",
    "mlp": "fully connected (MLP)",
    "dcgan": "convolutional (DCGAN)",
    "objective": "Objective",
    "training": "Trained for",
    "epochs": "{epochs} epochs of {dataset}",
    "epochs so far": "{done} of {epochs} epochs of {dataset} so far",
    "steps on": "{steps} steps on {dataset}",
    "unknown training": "unknown",
    "frechet": "Fréchet distance",
    "frechet of": "{distance:.1f}",
    "frechet beside": "{distance:.1f} (real {noun}: {floor:.1f})",
    "no frechet": "not measured yet",
    # Controls that several tabs have.
    "seed": "Seed",
    "dice": "A random seed",
    # The legend of belief.
    "legend": "What D believes",
    "legend fake": "fake",
    "legend unsure": "cannot tell",
    "legend real": "real",
    "why near half": "How to read it",
    # Samples.
    "samples": "Samples",
    "samples lede": (
        "Each digit is drawn from its own list of random numbers, its latent z. The seed chooses the"
        " lists; the same seed gives the same digits on every machine."
    ),
    "count": "How many",
    "truncation": "Truncation",
    "truncation info": "Below 1: more typical, less varied",
    "taken for real": "D takes {real} of {count} for real",
    "sample": "Digit {row} of seed {seed}. D: {number} real, {verdict}",
    # Interpolate.
    "interpolate": "Interpolate",
    "interpolate lede": (
        "Walk from one latent to another in equal steps. Nothing in between was ever in the training data, and yet"
        " most of it looks like digits."
    ),
    "from": "From seed",
    "to": "To seed",
    "path": "Path",
    "spherical": "spherical (slerp)",
    "linear": "linear (lerp)",
    "path info": "Spherical keeps the norm of z",
    "steps": "Steps",
    "frame": "Step {step} of {steps}. D: {number} real, {verdict}",
    "start": "seed {seed}",
    "end": "seed {seed}",
    # Discriminator.
    "discriminator": "Discriminator",
    "discriminator lede": (
        "Show D a digit of your own. It has seen real digits and those of its own generator, and nothing else, and"
        " says which of the two yours looks like."
    ),
    "upload": "Choose a picture of a digit",
    "upload more": "or drop it here, or paste it",
    "upload kinds": "Dark or light ink, photo or drawing",
    "examples": "Or let D judge",
    "example generated": "a digit of this generator",
    "example printed": "a printed digit",
    "example noise": "noise",
    "source generated": "Drawn by {model} from seed {seed}",
    "source printed": "A printed digit, from a font: D has seen handwriting only",
    "source noise": "Noise: D has never seen anything like it",
    "source upload": "Your picture",
    "original": "As you brought it",
    "seen": "What D sees: 28×28 pixels",
    "raw": "raw output ({unit})",
    "real group": "real test {noun}",
    "generated group": "this generator's {noun}",
    "digits": "digits",
    "pictures": "pictures",
    "chart": "Where this score lies",
    "chart of real": "real test {noun}",
    "chart of generated": "this generator's",
    "no comparison": "No comparison yet: {why}.",
    "in training": "this model is still in training, and what its D says of real digits keeps changing",
    "not measured": "this model has not been evaluated. {measure}",
    "metrics damaged": "metrics.json cannot be read ({error}). {measure}",
    "metrics of others": "metrics.json was measured on other weights. {measure}",
    "measure": "To do it, run python -m gan_demo.evaluation {folder}",
    # What went wrong.
    "oops": "That did not work",
    "unknown model": "There is no model {name}: choose one from the list",
    "not whole": "{name} is a whole number from {low} to {high}, not {value}",
    "not number": "{name} is a number from {low:g} to {high:g}, not {value}",
    "not choice": "{name} is one of {choices}, not {value}",
    "not uploaded": "Send the picture itself: paths and addresses are not opened",
    "blank": "There is nothing drawn on this picture: bring one with dark ink on light paper, or the reverse",
}


def say(key: str, **values: object) -> str:
    """The text `key`, filled in."""
    return ENGLISH[key].format(**values)
