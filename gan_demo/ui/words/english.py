"""The page in English. What D's number means is said by `gan_demo.belief`."""

from gan_demo.ui.words import lab_english, train_english

TEXTS = {
    **lab_english.TEXTS,
    **train_english.TEXTS,
    "title": "Digits nobody wrote",
    "tagline": "A generator draws the digits. A discriminator, D, tells them from real ones.",
    "about": "About the model",
    # The places, each with some of the tabs.
    "places": "Places",
    "place look": "Look around",
    "place try": "Your turn",
    "place learn": "How it learns",
    # The guided paths, and the view for a projector.
    "guide": "Guided tour",
    "minute": "The minute: {count} stops",
    "lecture": "The lecture in {count} pictures",
    "failures": "What goes wrong: {count} stops",
    "stop before": "The stop before",
    "stop after": "The next stop",
    "stop leave": "Leave the tour",
    "stop digits": "Nobody wrote these digits: the generator drew each from 64 random numbers. Choose one.",
    "stop between": "Between two digits lie more pictures, most of them digits. Play the path from latent to latent.",
    "stop ask": "The discriminator knows real digits and drawn ones. Draw one of your own, and see what it believes.",
    "stop play": "Can you tell them better than D? Ten pairs of a real digit and one that nobody wrote.",
    "stop 2014": "2014: G draws, D tells, and each learns from the other (Goodfellow). The curves keep the score.",
    "stop latents": (
        "Each step of the path changes the digit a little, and most of what lies between looks like digits."
    ),
    "stop convolutions": (
        "2015: fully connected networks leave specks. Choose the model dcgan instead: convolutions draw whole strokes"
        " (Radford)."
    ),
    "stop wasserstein": (
        "2017: a critic scores pictures; the gap of its scores estimates a distance if the critic keeps up"
        " (Arjovsky). Here"
        " it lags at first: the digits get better, and the gap grows."
    ),
    "stop meaning": (
        "Directions of the latent space mean something. Move slant one unit: the digit mostly stays what it is."
    ),
    "stop inversion": "What can the generator not draw? Draw a 7, then a smiley, and compare the errors.",
    "stop belief": "What can D know? Real digits and drawn ones, nothing else. Draw a 7, then a smiley.",
    "stop collapsed": (
        "Mode collapse: this training failed on purpose. The latents differ, and yet G draws the same few digits."
    ),
    "stop collapse": "G draws only what fools D just now, and another thing once D has learned. See the digits drawn.",
    "stop lost": "Vanishing gradients: D won at once, and G never learned to draw.",
    "stop vanished": "D finds every sample. Where the loss saturates, its gradient is near 0, and G stands still.",
    "for projector": "For a projector",
    "present leave": "Leave the projector's view",
    # The model picker and its line of facts.
    "model": "Model",
    "no such name": "No model found",
    "instead": "The page offers its own models instead.",
    "commit": "From the Hub",
    # A model of the Hub, typed in.
    "from the hub": "Or one from the Hugging Face Hub",
    "hub field": "Repository on the Hub",
    "hub example": "owner/name or owner/name@revision",
    "hub fetch": "Fetch",
    "hub fetching": "Fetching",
    "hub busy": "Somebody else is fetching a model just now: try again in a moment.",
    "hub name": "{name} is not the name of a repository: it looks like owner/name or owner/name@revision.",
    "hub missing": (
        "The Hub has no {name}, or it is private. A private model of yours opens with"
        " python -m gan_demo page --checkpoint {name}."
    ),
    "hub gated": "{name} is gated. If you have access, open it with python -m gan_demo page --checkpoint {name}.",
    "hub revision": "{name} has no revision {revision}.",
    "hub network": "The Hub cannot be reached from here: try again later. All other models work without it.",
    "hub trouble": "The Hub has trouble of its own or too many requests: try again later.",
    "hub large": "{name} is too large: at most {limit} MB are fetched.",
    "hub foreign": "{name} cannot be shown here: {why}.",
    "hub damaged": "{name} was damaged on its way here: try again.",
    "recipe": "Recipe",
    "recipe changed": "{recipe}, changed by hand",
    "short mlp": "MLP",
    "short dcgan": "DCGAN",
    "short style": "Style",
    "short in training": "in training",
    "short unfinished": "unfinished",
    "short epochs": "{epochs} epochs",
    "short failure collapsed": "failed: collapsed",
    "short failure D has won": "failed: D has won",
    "training failed": "Failed",
    "failure collapsed": "Mode collapse: it draws only some of the ten digits",
    "failure D has won": "D tells nearly every sample from real ones; a saturated loss leaves G no gradient",
    "short frechet": "Fréchet\u00a0{distance:.2f}",
    "conditional": "{networks}, draws the digit asked for",
    "conditional classes": "{networks}, draws what is asked for: {names}",
    "broken": "{name} (cannot be loaded)",
    "architecture": "Networks",
    "long mlp": "fully connected (MLP)",
    "long dcgan": "convolutional (DCGAN)",
    "long style": "style-based (StyleGAN)",
    "objective": "Objective",
    "trained for": "Trained for",
    "epochs": "{epochs} epochs of {dataset}",
    "epochs on": "{before} + {epochs} epochs of {dataset}",
    "epochs on another": "{before} epochs of {first}, then {epochs} of {dataset}",
    "epochs so far": "{done} of {epochs} epochs of {dataset} so far",
    "steps on": "{steps} steps on {dataset}",
    "unknown training": "unknown",
    "frechet": "Fréchet distance",
    "frechet of": "{distance:.2f}",
    "frechet beside": "{distance:.2f} (real {noun}: {floor:.2f})",
    "no frechet": "not measured yet",
    # Controls that several tabs have.
    "settings": "Settings",
    "seed": "Seed",
    "row": "Row",
    "radius": "Radius",
    "variation": "Variation",
    "digit": "Digit",
    "class": "Class",
    "dice": "A random seed",
    "zoom": "Zoom",
    # In the place of texts that speak of digits, where a model draws something else: `markup.either`.
    "title of others": "Pictures nobody drew",
    "tagline of others": "A generator draws the pictures. A discriminator, D, tells them from real ones.",
    "samples lede of others": (
        "Each picture is drawn from its own list of random numbers, its latent z. The seed chooses the lists."
        " Below each stands how real D finds it."
    ),
    "interpolate lede of others": (
        "Walk from one latent to the next. Nothing in between was ever in the training data, and yet most of it"
        " may look as if it were. Type a seed or an address, roll the dice, or click a pinned picture to add it to"
        " the path."
    ),
    "invert lede of others": (
        "Draw something, and watch the generator look for the latent that draws it, too. Where the two still"
        " differ is what it cannot draw, or what the search did not find."
    ),
    "directions lede of others": (
        "Move a latent along directions that mean something, and watch the picture change with D's opinion of it."
        " What each slider does was measured, not guessed."
    ),
    "discriminator lede of others": (
        "Draw something and watch what D believes while the pen moves. D has seen real pictures and those of its"
        " own generator, nothing else. It says which of the two yours looks like."
    ),
    "invert of others": "Your picture",
    "upload of others": "Or choose a picture",
    "draw here of others": "Draw here",
    # The legend of belief.
    "legend": "What D says: ",
    "legend best": "What the best D of the page says: ",
    "legend fake": "fake",
    "legend unsure": "cannot tell",
    "legend real": "real",
    "why near half": "How to read it",
    "best calibrated": (
        "The best D of the page was trained afresh against this generator, without a penalty, and calibrated on"
        " held-out pictures: of those of which it says 80\u00a0%, about 80\u00a0% are real. So here the number itself"
        " counts. It estimates p_data / (p_data + p_G), which no D can better (Goodfellow et al. 2014, proposition 1)."
    ),
    "no scale": "No colour: this score has no scale of its own, and {why}",
    "colours rank": (
        "The colour is the rank among real test {noun}. All that this D says lies within a few per cent, and would be"
        " grey by itself."
    ),
    "colours best": (
        "Colours and numbers are those of the best D of the page, which was trained when the generator no longer"
        " changed. The D of the training says nearly the same of all {noun}: they would be grey."
    ),
    "who trained": "D",
    "who best": "The best D of the page",
    "who says": "{who}: {verdict}",
    "trained says": "The D of the training: {number}",
    "formula": "What D and G were trained for",
    "cited": "{what} ({source})",
    "penalty added": "What is added to D's loss",
    "kept in bounds": "What keeps D's slope in bounds",
    "every steps": ", once in {every} steps of D",
    # What D says, and where it ranks.
    "surely fake": "surely fake",
    "rather fake": "rather fake",
    "cannot tell": "cannot tell",
    "rather real": "rather real",
    "surely real": "surely real",
    "among the lowest": "among the lowest",
    "rather low": "rather low",
    "in the middle": "in the middle",
    "rather high": "rather high",
    "among the highest": "among the highest",
    "no number": "no number",
    "rank none": "Nowhere among {group}",
    "rank below all": "Less real than all {group}",
    "rank above all": "More real than all {group}",
    "rank below most": "Less real than over 99\u00a0% of {group}",
    "rank above most": "More real than over 99\u00a0% of {group}",
    "rank more": "More real than {share} of {group}",
    # The corner with the language and the link, and what can be copied.
    "two sentences": "{one} {other}",
    "and": ", ",  # between the members of a list
    "copy link": "Copy link",
    "copy link info": "A link to this page as you see it: model, tab and settings",
    "copy": "Copy",
    "copied": "Copied",
    "not copied": "The browser did not allow it: copy it by hand",
    # The address of a picture.
    "address": "Address",
    "in python": "In Python",
    "as command": "As a command",
    # The pinned digits.
    "pinned": "Pinned",
    "no pins": "Nothing yet. What you pin stays here, in this browser.",
    "pin": "Pin",
    "pin it": "Pin {address}",
    "use it": "Use {address}",
    "unpin": "Remove {address}",
    "pins full": "There is room for {most} pins: remove one first",
    "not here": "not here",
    # Samples.
    "samples": "Samples",
    "samples lede": (
        "Each digit is drawn from its own list of random numbers, its latent z. The seed chooses the"
        " lists. Below each digit stands how real D finds it."
    ),
    "count": "How many",
    "truncation": "Truncation",
    "truncation info": "Below 1: more typical",
    "truncation info w": "0: the mean; −1: the opposite",
    "towards": "Truncation leads to",
    "towards typical": "typical latents",
    "towards middle": "shorter latents",
    "led to typical": (
        "Each latent goes along an arc to the nearest of this model's typical latents, and keeps its length (Mokady et"
        " al. 2022)."
    ),
    "led to middle": "Each latent is multiplied by {psi:g}.",
    "led in w": "Each w keeps {psi} of its difference from the mean w (Karras et al. 2019).",
    "led across in w": (
        "Each w goes to the other side of the mean w, to {share} of its distance (Karras et al. 2019)."
    ),
    "no typical": "{model} has no typical latents: a truncation in its addresses begins with t, not c",
    "truncated": (
        "Measured on {samples} pictures of this model at truncation {level:g}: precision {precision:.2f} (at 1:"
        " {whole_precision:.2f}), coverage {coverage:.2f} (at 1: {whole_coverage:.2f}). Precision is high where"
        " pictures look real, coverage where they are varied."
    ),
    "taken for real": "{who} takes {real} of {count} for real",
    "share of": "{share} of {group}",
    "above the middle": "{real} of {count} lie above the middle of D's scores",
    "sample": "Row {row} of seed {seed}. {who}: {number}, {verdict}",
    "sample as": "Row {row} of seed {seed}, drawn as {digit}. {who}: {number}, {verdict}",
    "turn": "all in turn",
    "best class": "what fits best",
    "ten": "each latent as all ten",
    "classes in turn": "all in turn",
    "each as all classes": "each latent as all of them",
    "ask for": "Ask for",
    "as which class": "As which class",
    "latent": "Latent {row}",
    "order": "Order",
    "by row": "by row",
    "most real": "most real first",
    "least real": "least real first",
    "which digits": "Which digits",
    "all digits": "all ten",
    "digits missing": "none is read as {digits} (by chance alone {chance:.1f} of ten would be missing)",
    "digits missing asked": "none is read as {digits}",
    "spread of scores": "Scores · {who}",
    "scores here": "{number}: {count} of {all}",
    "grid png": "Grid (PNG)",
    "digits zip": "Each, and a table (ZIP)",
    # One digit, closely.
    "choose one": "Choose one to look at it closely.",
    "closely read": "The digit classifier reads {digit} ({share} sure).",
    "use as A": "Use as A",
    "use as B": "Use as B",
    "ask D": "Ask the discriminator",
    "address field": "Type or paste another address and press Enter",
    "variations": "Variations: radius",
    "variations info": "0: itself · 1: unrelated",
    "variation of": "Variation {number}",
    "no radius": "At a radius of 0 all variations are the picture itself.",
    "nearest looking": "Looking for the nearest real picture…",
    "nearest": "Nearest training digit",
    "nearest alt": "The real training digit that is nearest",
    "nearest told": (
        "Euclidean distance {distance:.2f} over 784 pixels from 0 to 1: the nearest of {count} in {dataset}. Of"
        " {probes} real test digits, {share}\u00a0% are farther from theirs."
    ),
    "shipped": "Nearest real digit",
    "shipped alt": "The real test digit that is nearest",
    "shipped told": (
        "Euclidean distance {distance:.2f} over 784 pixels from 0 to 1: the nearest of the {count} MNIST test digits"
        " that ship with this page ({dataset} is not on this machine). Of {probes} of them, {share}\u00a0% are farther"
        " from the nearest other one."
    ),
    "nearest unnamed": (
        "The nearest training picture is looked for in data sets that have a name, such as MNIST, and not in folders."
    ),
    "no nearest": "{dataset} is not on this machine, so the nearest training digit cannot be shown.",
    # The game.
    "game": "You or D",
    "game lede": (
        "In each pair one digit is real, written by a person and new to D; the model drew the other. Can you tell them"
        " apart better than D?"
    ),
    "game ask": "Which one is real?",
    "game left": "The left one",
    "game right": "The right one",
    "game yes left": "Yes, the left one is real.",
    "game yes right": "Yes, the right one is real.",
    "game no left": "No: the left one is real.",
    "game no right": "No: the right one is real.",
    "game drawn": "by {model}",
    "game row real": "real",
    "game real": "Number {place} of MNIST's test digits",
    "game keys": "Keys: ← and → (or 1 and 2) choose, any of them or Enter goes on.",
    "game next": "Next",
    "game against": "Against, easiest first:",
    "game beat": "The person who sent you this link found {score} of {count}. These are the same pairs.",
    "game over": "You found {score} of {count}",
    "game score": "{score} of {count}",
    "game ahead": "You told them apart better than the D that was trained with this generator.",
    "game level": "You and the D that was trained with this generator did equally well.",
    "game behind": "The D that was trained with this generator did better.",
    "game chance": "Guessing finds {score} or more in {share} of all games.",
    "game you": "You",
    "game trained": "D of the training",
    "game best": "best D of the page",
    "game hit": "right",
    "game miss": "wrong",
    "game again": "Ten other pairs",
    "game challenge": "Copy a link to these pairs",
    "no game": "{model} does not draw the ten digits, so there are no real ones to play it against.",
    "no game of others": (
        "{model} learned from {dataset}. The real digits of this game are MNIST's, which would give themselves away."
    ),
    "game unranked": "not measured",
    "no answers": "The answers of a game are {count} letters, each l or r.",
    "tells": "What gave them away",
    "tell pieces": "Ink in more pieces than real digits have (98\u00a0% have at most {usual}): {pairs}",
    "tell faint": "Many pixels that are nearly black (98\u00a0% of real digits have at most {usual}): {pairs}",
    "tell pale": "Ink paler than that of 98\u00a0% of real digits: {pairs}",
    "tell nothing": "Nothing that such simple measures see: {pairs}",
    "tell surest": "Where the {judge} was surest: {pairs}",
    "tell fooled": "Where the {judge} was most wrong: {pairs}",
    "one pair": "pair {pairs}",
    "more pairs": "pairs {pairs}",
    "list comma": ", ",
    # Map.
    "map": "Map",
    "map lede": (
        "An endless plane of latents: each point with whole coordinates has one of its own, and in between they blend."
    ),
    "map lede mouse": "Drag to move, scroll or pinch to zoom.",
    "map lede touch": "Tap it, then drag to move. Two fingers zoom.",
    "world": "World (a seed)",
    "tint": "Tint",
    "by belief": "D's belief",
    "by digit": "recognised digit",
    "by rank": "D's ranking",
    "untinted": "none",
    "the map": "Map of the latent space",
    "map zoom out": "Zoom out",
    "map home": "Back to the start",
    "map help": "A click pins one; two clicks make a path. Keys: arrows, + and −, Enter to pin.",
    "map help touch": "A tap looks closely; two taps make a path.",
    "map busy": "Many people are looking at maps just now. The rest will come.",
    "map lost": "The server does not answer. Trying again.",
    "looks like": "The classifier reads {digit}",
    "map read as": "Read as",
    "rank legend": "Among this generator's {noun}, D finds it",
    "rank low": "least real",
    "rank middle": "in the middle",
    "rank high": "most real",
    "reading": "by the digit classifier that ships with the project; it makes mistakes, most of all between two digits",
    "walk": "Walk from A to B",
    "walk from": "{start} → {end}",
    "not on the map": "{address} is not on the map: only what was pinned there brings you back to it",
    # Interpolate.
    "interpolate": "Interpolate",
    "interpolate lede": (
        "Walk from one latent to the next. Nothing in between was ever in the training data, and yet most of it looks"
        " like digits. Type a seed or an address, roll the dice, or click a pinned digit to add it to the path."
    ),
    "point": "Waypoint {letter}: a seed or an address",
    "point info": "A seed (42), a seed and its row (42:3), or an address",
    "earlier": "Earlier",
    "later": "Later",
    "leave out": "Leave out",
    "add point": "+ Waypoint",
    "path": "Path",
    "spherical": "spherical (slerp)",
    "linear": "linear (lerp)",
    "path info": "Spherical keeps the norm of z",
    "steps": "Frames",
    "frame": "Frame {step} of {steps}. {who}: {number}, {verdict}",
    "walk hint": "or drag the slider, or the curves",
    "where": "Frame {frame} of {steps} · {what} {norm}",
    "frames to come": "Drawing all frames…",
    "place on way": "Place on the path",
    "belief along": "{who} believes",
    "norm of z": "Norm of z",
    "norm of w": "Distance from the mean w",
    "walk in": "Walk in",
    "no w": "This model has no w: that is the space behind the mapping network of a style generator",
    "in z": "z",
    "in w": "w",
    "in w+": "W+",
    "walk beyond z": "The path goes in {space}: one of its waypoints lies there, and has no z.",
    "walk in info": "w lies behind the mapping network",
    "speed": "How fast the picture changes",
    "speed info": "In the features of the digit classifier, for each leg of the path. Their sum is the path's length.",
    "length": "{path}: length {length}",
    "fine layers": "Fine layers",
    "from 14": "from 14×14 on",
    "from 28": "28×28 only",
    "mixing": "Styles mixed.",
    "mixing about": "Rows give the coarse layers, columns the fine ones. A click pins one.",
    "mixing read": (
        "Of {count} mixtures of two different digits, the classifier reads {row} as the digit of the row, {column} as"
        " that of the column."
    ),
    "psi": "Truncated in w.",
    "psi about": "At ψ = 0 each is the mean w, at 1 itself, at −1 what lies on the other side of the mean.",
    "mixed": "Coarse layers of {coarse}, fine layers of {fine}",
    "noise": "Noise.",
    "noise about": (
        "Off, the model's own, and drawn anew; then each pixel's standard deviation over {draws} draws, in all layers"
        " and in those of one size. White is {white} grey levels."
    ),
    "noise told": "The mean is {mean} of 255 grey levels.",
    "noise read": "The classifier reads another digit in {others} of {count} draws.",
    "noise off": "off",
    "noise own": "own",
    "noise anew": "anew",
    "noise all": "all",
    "noise map": "{letter}: how much each pixel changes with the noise of layers {layers}",
    "norm band": "{share}\u00a0% of the prior",
    "other norm": "if the path were {path}",
    "download": "Download",
    "frames zip": "Frames (ZIP)",
    # Your digit.
    "invert": "Your digit",
    "invert lede": (
        "Draw a digit, and watch the generator look for the latent that draws it, too. Where the two still differ is"
        " what it cannot draw, or what the search did not find."
    ),
    "look for": "Look for",
    "look nearest": "what comes nearest",
    "look repair": "what fits a hole",
    "look enlarge": "what is behind 7×7 pixels",
    "invert as": "As which digit",
    "nearest of all": "whichever comes nearest",
    "invert printed": "A printed digit",
    "invert own": "One of this generator",
    "paint mask": "Paint over what the generator is to fill in",
    "invert nothing": "What the generator makes of yours will be here.",
    "mask nothing": "The part you paint over is forgotten, and the generator invents it anew in several ways.",
    "yours": "Yours",
    "known": "What is known",
    "generators": "The generator's",
    "difference": "Difference",
    "only yours": "only yours",
    "only generators": "only the generator's",
    "looking": "Looking among random latents",
    "looking at": "Coming nearer: error {error}",
    "error small": (
        "<b>It draws yours better than most real {noun}.</b> Error {error}: it comes nearer to yours than to {share} of"
        " real test {noun} (median {middle})."
    ),
    "error usual": (
        "<b>It draws yours, but draws most real {noun} better.</b> Error {error}: it comes nearer to yours than to"
        " {share} of real test {noun} (median {middle})."
    ),
    "error large": (
        "<b>What it found is hardly yours.</b> Error {error}: it comes nearer than that to nearly all real test"
        " {noun} (median"
        " {middle}); only {share} are harder."
    ),
    "error largest": (
        "<b>It found nothing near yours.</b> Error {error}: larger than for any of the real test {noun} that were tried"
        " (median {middle})."
    ),
    "error alone": "Error {error}. To see how that compares with real {noun}, run {command}",
    "repair done": "Ways to fill it: {count}. What was not painted over is off by {error} at most.",
    "enlarge done": "Pictures found that shrink to the same 7×7 pixels: {count}, off by {error} at most.",
    "answer": "Error {error}. {who}: {number}",
    "space": "Space",
    "error": "Error",
    "from mean": "From the mean",
    "took": "Time",
    "took seconds": "{seconds:.1f}\u00a0s",
    "fits about": (
        "<b>The same search in z, w and W+.</b> W+ gives each of {layers} layers a w of its own. It fits nearest, and"
        " says least: it also fits what this generator never draws (Abdal 2019). “From the mean” is how far out it"
        " lies, as a multiple of what this generator draws."
    ),
    "neighbours": "Its neighbours",
    "neighbours note": (
        "The same latent, turned a little towards random ones. Pin one, or yours, and use it on any other tab."
    ),
    "neighbour": "A neighbour. {who}: {number}, {verdict}",
    # Directions.
    "directions": "Directions",
    "directions lede": (
        "Move a latent along directions that mean something, and watch the digit change with D's opinion of it. What"
        " each slider does was measured, not guessed."
    ),
    "start at": "Start",
    "move in": "Move in",
    "random walk": "Random walk",
    "stop walk": "Stop the walk",
    "reset": "Reset",
    "keep still": "Keep everything else still",
    "shape": "Shape",
    "which digit": "Which digit",
    "slant": "slant",
    "stroke width": "stroke width",
    "size": "size",
    "roundness": "roundness",
    "own direction": "Yours: these minus those",
    "digit direction": "Towards {digit}",
    "component": "{kind} {number} (mostly {measure})",
    "per unit": "{amount} a unit",
    "share per unit": "{amount} more {digit}s a unit",
    "digit stays": "digit stays {share}",
    "moves more": "moves {measure} more",
    "a unit moves": "A unit moves {moves}",
    "of variance": "share of variance",
    "of eigenvalues": "share of eigenvalues",
    "how measured": (
        "Measured from {probes} latents. A unit is one standard deviation of the prior; “digit stays” is how often"
        " the digit is still recognised as the same one {step} units away, either way."
    ),
    "how measured of others": ("Measured from {probes} latents. A unit is one standard deviation of the prior."),
    "how measured in w of others": "Measured from {probes} latents. A unit is one standard deviation of w.",
    "how measured in w": (
        "Measured from {probes} latents. A unit is one standard deviation of w; “digit stays” is how often the digit is"
        " still recognised as the same one {step} units away, either way."
    ),
    "no directions in w": "This model has no directions in w yet: {command} finds them",
    "z beside w": "z beside w",
    "w more linear": (
        "w is the more linear space: a linear model of w explains {w} of how shapes vary, and one of z {z}."
    ),
    "z more linear": (
        "z is the more linear space: a linear model of z explains {z} of how shapes vary, and one of w {w}."
    ),
    "alike linear": (
        "z and w are about equally linear: a linear model of z explains {z} of how shapes vary, and one of w {w}."
    ),
    "how linear": "R², AUC",
    "how linear of others": "R²",
    "unit moves": "A unit moves",
    "stays": "Digit stays",
    "how linear note": (
        "R²: the share of a measure's variance that a linear model explains. Here nothing else is kept still, so a unit"
        " may move more than that of a slider above."
    ),
    "how linear note digits": "AUC, of digits: how often a linear model ranks one with the digit above one without.",
    "sweep": "Show as a strip: {name}",
    "sweep of": "From end to end: {name}",
    "without labels": "Found without labels",
    "without labels note": (
        "Principal components of the generator's early features (GANSpace) and the directions to which its first"
        " layer is most sensitive (SeFa). Named by what they move most, in standard deviations."
    ),
    "arithmetic": "Arithmetic: A − B + C",
    "arithmetic note": "Choose a slot, then click a pinned one or type an address. The sum has the norm of A.",
    "arithmetic note w": "Choose a slot, then click a pinned one or type an address. The sum is that of their w.",
    "type address": "An address, such as 42:3, then Enter",
    "own title": "Your own direction: these minus those",
    "own note": "Collect pictures on both sides in the same way: their means make a slider.",
    "these": "These",
    "those": "Those",
    "raw z": "All {size} numbers of z",
    "raw note": "Each is drawn from N(0, 1). One number alone rarely means anything.",
    "raw w": "All {size} numbers of w",
    "raw note w": "The mapping network makes them from z. One number alone rarely means anything.",
    "recognised": "Recognised as {digit} ({share})",
    "length of z": "Norm of z",
    "length of w": "Distance from the mean w",
    "length usual": "{length:.2f} (usual: {usual:.2f})",
    "answer lost": "The server did not answer: try again",
    "amount": "An amount",
    "too many": "At most {most} addresses fit here",
    "not amounts": "amounts are names of directions with a number each, such as slant: 2",
    "no such direction": "{model} has no direction {name}",
    "no directions": "This model has no directions yet: {command} finds them",
    "units": "What the units do",
    "units about": (
        "A unit is one channel of a layer. Its picture shows where it is active for the picture above, each on a scale"
        " of its own. Click one: pictures are drawn with it off and doubled (Bau 2019)."
    ),
    "units layer": "Layer",
    "units by": "ranked by",
    "units when": "when",
    "units off": "off",
    "units doubled": "doubled",
    "units before": "before",
    "units ink": "amount of ink",
    "units loops": "loops",
    "units ends": "stroke ends",
    "units digit": "belief in its digit",
    "units first": "First {count} together",
    "units all": "All {count}",
    "units measuring": "measuring: {share}",
    "units read": "Below each: the digit that the classifier reads.",
    "units told": (
        "<b>{name}</b>, {switch}. Change of {measure}: {amount} on average over {half} latents that took no part in"
        " ranking. Others of this layer, {count} at a time: {chance}, either way."
    ),
    "unit": "Unit {number}",
    # Discriminator.
    "discriminator": "Discriminator",
    "discriminator lede": (
        "Draw a digit and watch what D believes while the pen moves. D has seen real digits and those of its own"
        " generator, nothing else. It says which of the two yours looks like."
    ),
    "upload": "Or choose a picture of a digit",
    "upload more": "or drop it here, or paste it",
    "upload kinds": "Dark or light ink, photo or drawing",
    "examples": "Or take an example",
    "example real": "real",
    "source real": "Real: number {place} of MNIST's test digits, labelled {label}. No D was trained on it",
    "example generated": "this model",
    "example printed": "print",
    "example noise": "noise",
    "source found": "Drawn by {model} from a latent that was found",
    "source generated": "Drawn by {model} from seed {seed}",
    "source printed": "A printed digit, from a font: D has seen handwriting only",
    "source noise": "Noise: D has never seen anything like it",
    "source upload": "Your picture",
    "judge as": "Judge it as",
    "best": "the digit it is read as",
    "fits best": "as {digit}, which fits best (and so ranks a little high)",
    "judged as": "as {digit}",
    "judged as read": "as {digit}, as the classifier reads it",
    "original": "As you brought it",
    "note found": "The digit was cut out: what is around it is left out",
    "note several": "There are several digits on this picture. Press another one to take it, or drag a box around it",
    "note unsure": "It is not certain which part of this picture is the digit. Drag a box around it",
    "note marked": "The digit in the part that you marked",
    "on dark": "Dark on light: inverted, because this model's own pictures are light on dark",
    "on light": "Light on dark: inverted, because this model's own pictures are dark on light",
    "mark digit": "Mark the digit by hand",
    "mark digit of others": "Mark a part by hand",
    "mark keys": (
        "The picture. Drag a box around what is meant. Keyboard: arrows move the box, Shift and arrows size it, Enter"
        " takes what is in it, Escape removes it."
    ),
    "digit on picture": "Digit {n} on the picture",
    "seen": "What D sees: 28×28 pixels",
    "raw": "raw output ({unit})",
    "real group": "real test {noun}",
    "generated group": "this generator's {noun}",
    "digits": "digits",
    "pictures": "pictures",
    "chart": "Where this score lies",
    "chart of real": "real test {noun}",
    "chart of generated": "this generator's",
    "told apart": (
        "Shown a real test picture beside one of its generator's, this D finds the real one in {share} of pairs;"
        " guessing would in 50\u00a0%."
    ),
    "of the sheet": "Held against the 1,000 real test digits that come with this page: {why}.",
    "no best": "No best D has been trained against this generator yet: {command} does it.",
    "voice best": "The best D of the page",
    "voice trained": "The D of the training",
    "best real": "The best D of the page takes it for real",
    "best unsure": "The best D of the page cannot tell",
    "best fake": "The best D of the page takes it for generated",
    "trained high": "the D of the training ranks it high",
    "trained middle": "the D of the training ranks it in the middle",
    "trained low": "the D of the training ranks it low",
    "alone high": "D ranks it high",
    "alone middle": "D ranks it in the middle",
    "alone low": "D ranks it low",
    "alone said": "{said}.",
    "alone weak": "{said}. That says little: this D hardly tells real from generated.",
    "voices agree": "{best}, and {trained}.",
    "voices differ": "{best}, but {trained}.",
    "voices differ weak": "{best}, but {trained}. That D hardly tells real from generated.",
    "voice single": "{best}.",
    "far": "D has never seen anything like it: its number means nothing here.",
    "best told apart": (
        "Trained afresh against this generator when it no longer changed. It names {share} of real test {noun} and"
        " of this"
        " generator's rightly; guessing would name 50\u00a0%."
    ),
    "best sees what": "What does it see?",
    "best sees": (
        "It is shown 16 grey levels, and half of its training pictures were moved, scaled and blurred a little. In"
        " black and white it names {page_black} rightly, after a blur {page_blurred}. The nearer that is to 50\u00a0%,"
        " the more it lives on shades of ink and edges, and the less on the form of strokes. The best D at its"
        " sharpest, which is measured, not asked, sees every grey level and names {most} rightly: a generator gives"
        " itself away by greys that real ones lack. With 16 levels it is right in {coarse}, in black and white in"
        " {black}, after a blur in {blurred}."
    ),
    "best sees not": (
        "What you draw or photograph is made black and white first and shrunk then, as MNIST was made, so that its"
        " shades are much like a real digit's. A picture far from both kinds is called never seen. Noise is noticed,"
        " and so are most smileys and capital letters. Most digits upside down and nearly all of other generators are"
        " not, and get a number that nobody has tested."
    ),
    "odds best": (
        "by the best D of the page, of coarse pictures: D / (1 − D) = p_data / p_G (Goodfellow et al. 2014,"
        " proposition 1)"
    ),
    "judges far": "None of these D has seen anything like it, whatever they say.",
    "short best": "best D of the page",
    "film judges": "judges",
    "no comparison": "No comparison yet: {why}.",
    "in training": "this training has not finished, and what its D says of real pictures may still change",
    "not measured": "this model has not been evaluated. {measure}",
    "metrics damaged": "metrics.json cannot be read ({error}). {measure}",
    "metrics of others": "metrics.json was measured on other weights. {measure}",
    "measure": "To do it, run {command}",
    "examples more": "Others",
    "example linked": "linked",
    "example other": "other model",
    "example turned": "turned",
    "example letter": "letter",
    "source drawing": "Your drawing",
    "source changed": "changed by you",
    "source letter": "A letter, from a font: D has seen digits only",
    "source turned": "Drawn by {model} from seed {seed}, upside down: D has seen upright ones only",
    "source other": "{source}: another generator, whose pictures this D was not trained on",
    "source climbed": "Made more convincing for {model}",
    "what d sees": "D sees it",
    "prepared": "as MNIST prepares it",
    "plain": "just resized",
    "slopes": "Which pixels matter to the D of the training",
    "slope up": "brighter here: more real",
    "slope down": "darker here: more real",
    "climb": "Make it more convincing",
    "climb film": "Step by step more convincing",
    "climb note": (
        "This is an adversarial attack (Szegedy et al. 2013): each step follows the gradient of the trained D's output,"
        " and changes no more than turning one pixel from black to white does. The D that is attacked soon ranks it"
        " high, and is wrong: many small changes in one direction add up in it (Goodfellow et al. 2015). Under each"
        " step stands what the best D of the page says, which may be fooled, too, and the middle rank that the other"
        " judges give."
    ),
    "at the top": "No small change makes this more convincing to D",
    "not question": "Send a picture and what to do with it",
    "likelier data": "{times} times likelier under the data than under the generator",
    "likelier generator": "{times} times likelier under the generator than under the data",
    "likelier neither": "About as likely under the data as under the generator",
    "over a million": "Over a million",
    "odds why": "if this D were the best one, p_data / (p_data + p_G)",
    "odds penalised": "if this D were the best one, p_data / (p_data + p_G); its penalty draws these odds towards 1",
    "judges": "The panel of judges",
    "judges note": (
        "The same picture before the D of every model of this data set. Each number has a scale of its own; the ranks"
        " can be compared. Each D met the pictures of its own generator only: those of another may look real to it."
    ),
    "d looks": "D looks at it…",
    "judges look": "The judges look at it…",
    "judges median": "{said}, says the median judge",
    "judge": "Judge",
    "judge says": "says",
    "among real": "more real than … of real pictures",
    "among own": "… of its generator's",
    # The canvas.
    "draw here": "Draw a digit here",
    "drawing tools": "Drawing tools",
    "pen": "Pen",
    "eraser": "Eraser",
    "pen width": "Pen width",
    "undo": "Undo",
    "redo": "Redo",
    "clear": "Clear",
    "canvas keys": (
        "Canvas. Draw with the pointer or a finger. By keyboard: arrows move the pen, space sets it down and lifts it,"
        " Ctrl+Z undoes, Delete clears."
    ),
    "not drawing": "A drawing is {small}×{small} or {large}×{large} pixels of one byte each, as base64",
    # Training.
    "training": "Training",
    "training lede": (
        "How this model learned. Drag the slider: the same latents as the epochs go by, coloured by what the D of each"
        " epoch said of them."
    ),
    "growing": "Growing up",
    "growing note": "100 latents (seed 0, rows 0–99), drawn as the epochs went by",
    "growing note classes": "Latents (seed 0), each as all classes, drawn as the epochs went by",
    "growing note ten": "Ten latents (seed 0), each as all ten digits, drawn as the epochs went by",
    "growing note critic": "· coloured by where the score lies among that epoch's of real and generated pictures",
    "grown digit": "{number}, {verdict}",
    "epoch": "Epoch {epoch}",
    "before training": "Before training",
    "which epoch": "Epoch",
    "play": "Play",
    "pause": "Pause",
    "curves": "Curves",
    "more curves": "More curves: {count}",
    "curves hint": "Drag to zoom, click to go to an epoch",
    "zoom in": "Zoom in",
    "zoom out": "All epochs",
    "curve losses": "Losses",
    "curve losses note": "What each player minimises, penalties included: no measure of quality",
    "curve belief": "What D says",
    "curve belief note": "Both near 50\u00a0%: D cannot tell, or a penalty keeps it from saying so",
    "curve scores note": "Mean output for training pictures and for generated ones",
    "curve gap note": (
        "How far the critic tells the two apart: the Wasserstein distance, up to a factor, if it keeps up"
    ),
    "curve on training": "training pictures",
    "curve on test": "test pictures",
    "curve on test at end": "test, at end",
    "by heart": (
        "Measured at the end, against {count} samples: D puts {train:.1f}\u00a0% of pairs of training pictures in the"
        " right order, and {test:.1f}\u00a0% of test pictures. {meaning}"
    ),
    "by heart values": "V is {train} and {test}.",
    "by heart much": "The difference is what it knows by heart.",
    "by heart little": "So it knows hardly any by heart.",
    "no curve on test": "This training kept no curve of test pictures: the rings are of its end.",
    "light": (
        "Measured along the way with {few} samples. The table below has {samples}: its distances are lower, which is"
        " no contradiction."
    ),
    "joined": "Dotted line: from epoch {epoch} on trained further",
    "joined again": "Dotted lines: from epochs {epochs} on trained further",
    "joined short": "Dotted line: from epoch {epoch} on {share} of the latents are short, for truncation",
    "swing": (
        "Epochs {first}, {middle}, {last}: D takes {a}, then {b}, then {c} of these {count} for real. The two players"
        " swing past each other."
    ),
    "curve of real": "of real",
    "curve of fake": "of generated",
    "curve value note": (
        "−log 4 if D says 50\u00a0% of everything. What V has above that is twice a lower bound of the"
        " Jensen–Shannon divergence (JSD), unless D knows the training pictures by heart"
    ),
    "curve ranked": "Pairs in the right order",
    "curve ranked note": "How often D finds the training picture beside a generated one: near 100\u00a0% D has won",
    "curve guessing": "guessing",
    "curve frechet note": "From real pictures; like FID, in the features of this project's classifier: lower is better",
    "coverage": "Coverage",
    "curve coverage note": "Real variety that is reached: higher is better",
    "curve class_kl": "Class KL",
    "curve class_kl note": "Best near real pictures' own value, not lowest; 0 if all digits come equally often",
    "curve digits": "Digits drawn",
    "curve digits note": "As the classifier reads them, clear or not. Fewer than ten: mode collapse",
    "in epochs": "Epoch {epochs}: ",
    "flag digits missing": "digits missing.",
    "flag digits missing note": "Not all ten make up half a percent of the samples: mode collapse, if it stays so.",
    "flag D has won": "D has won.",
    "flag D has won note": (
        "It finds the real picture in nearly every pair. With a sigmoid in its loss, G may learn little."
    ),
    "flag G has won": "D lags behind.",
    "flag G has won note": "It put generated pictures above real ones, which says nothing about how good they are.",
    "first epoch": "{model} was stopped in its first epoch: the figures cover what was done of it.",
    "no history": "{model} came without its history, so there are no curves.",
    "no snapshots": "{model} came without snapshots, so its pictures cannot be watched growing up.",
    "history damaged": "The history cannot be shown: {why}.",
    "snapshots damaged": "The pictures of each epoch cannot be shown: {why}.",
    # All models.
    "all models": "All models of {dataset}",
    "all models note": (
        "Measured against real test pictures. Arrows point to the better end; figures without one are best as in real"
        " pictures. The Fréchet distance is like FID, in the features of this project's classifier."
    ),
    "few samples": (
        "{samples} samples against as many test pictures are few: chance alone moves a share by up to ±{error:.2f},"
        " and the Fréchet distance of so few is too high, of real pictures, too."
    ),
    "best_accuracy note": (
        "Best D at its sharpest: the share of real and generated pictures that it names rightly; guessing names"
        " 50\u00a0%. It sees every grey level, and so more than the best D of the page, which sees 16."
    ),
    "labels_100 note": (
        "100 labels: how many test digits a linear reader of D's features names rightly, having seen 100 with labels."
    ),
    "every model": "All {count} models",
    "real pictures": "Real pictures",
    "short network": "Network",
    "epochs trained": "Epochs",
    "seconds trained": "Training",
    "density": "Density",
    "of samples": "{name} ({samples} samples)",
    "precision": "Precision",
    "recall": "Recall",
    "near_duplicates": "Near duplicates",
    "best_accuracy": "Best D at its sharpest",
    "gan_test": "GAN-test",
    "gan_train": "GAN-train",
    "labels_100": "100 labels",
    "seconds": "{seconds:.0f} s",
    "minutes": "{minutes:.0f} min",
    "short conditional": "{network} (conditional)",
    # What went wrong.
    "oops": "That did not work",
    "close": "Close",
    "huge": "This number is too large: the server reads whole numbers of at most 64 bits.",
    "busy": "Many people are here just now: try again in a moment.",
    "too much": "Too many questions come from your address at once: try again in a moment.",
    "failed": "The server made a mistake: try again.",
    "not points": "A path has 2 to {most} waypoints, not {value}",
    "unknown model": "There is no model {name}: choose one from the list",
    "not address": "{value} is not an address: one reads like dcgan:42:3, which is model, seed and row",
    "not place": "{value} is no place on the map: one reads like x1.25:y-3, or x1.25:y-3:z2 with a zoom",
    "latent too long": "An address holds at most {most} numbers, and this latent has more",
    "other latents": "This latent has {count} numbers, and this model's have {wanted}",
    "no such space": "This address is a point of {space}, a space that only style generators have",
    "not in z": "This address is a point of {space}, and here only a latent z will do",
    "link wrong": "In the link: {why}",
    "link part wrong": "In the link, {part}: {why}. The page opens as it does without it.",
    "not labels": "labels is a digit for all, or a list of {count}, one for each, not of {value}",
    "not conditional": "{model} cannot be asked for a digit or a class: only conditional models can",
    "not whole": "{name} is a whole number from {low} to {high}, not {value}",
    "not number": "{name} is a number from {low:g} to {high:g}, not {value}",
    "not a number": "{value} is not a number",
    "link's value": "The link's value",
    "not choice": "{name} is one of {choices}, not {value}",
    "not part": (
        "A part of a picture is left, top, right, bottom, as shares of its sides from 0 to 1, at least {least} apart,"
        " not {value}"
    ),
    "picture gone": "This picture is not kept any longer: bring it again",
    "values": "This takes another number of values",
    "not uploaded": "Send the picture itself: paths and addresses are not opened",
    "server gone": (
        "The server does not answer. What you see may be old; the page goes on by itself when the server is back."
    ),
    "server slow": "The server takes its time: what is pale will follow.",
    "upload large": "This picture is larger than {most} MB: bring a smaller one",
    "upload full": "The disk of the server is full, so it cannot take your picture: try again later",
    "upload failed": "Your picture did not reach the server: bring it again",
    "source linked": "The picture of the link",
    "link drawing": "there are no 28x28 pixels in it",
    "judge earlier": "Judge what is on the canvas",
    "nothing to judge": "There is nothing to judge yet: draw something, bring a picture, or take an example",
    "blank": "There is nothing drawn on this picture: bring one with dark ink on light paper, or the reverse",
    "noisy": "Nothing stands out from the grain of this picture: bring a sharper one",
}

# What each recipe is about, for the list of models, too: `recipes.RECIPES`, by its keys.
RECIPES = {
    "gan": "The first GAN: where D is sure, G learns next to nothing.",
    "ns-gan": "The GAN in common use: G learns even where D is sure.",
    "lsgan": "The farther D's score of G's pictures is from 1, the harder G is pulled.",
    "wgan": "D scores how far off G's pictures are; its weights are clipped.",
    "wgan-gp": "D scores how far off G's pictures are; its slope is held near 1.",
    "dragan": "The GAN in common use; D changes gently around real pictures.",
    "sngan": "No layer of D can stretch what comes in (spectral normalization).",
    "r3gan": "D compares real with generated, and pays for being steep at either.",
    "r1-gan": "The GAN in common use; D is held flat at real pictures.",
}

# What keeps D from changing too fast: `penalties.PENALTIES`, by its keys, and the norm that does the same.
PENALTIES = {
    "clip": "Clipping: after each step, every weight of D is brought back into this range. So its slope is bounded.",
    "gradient": "Gradient penalty: D's slope is drawn to 1 between real and generated pictures.",
    "dragan": "DRAGAN's penalty: D's slope is drawn to 1 around real pictures.",
    "r1": "R1: the steeper D is at real pictures, the more it loses.",
    "r2": "R2: the steeper D is at generated pictures, the more it loses.",
    "r1+r2": "R1 and R2: the steeper D is at real and at generated pictures, the more it loses.",
    "spectral": "Spectral normalization: each layer of D is divided by its largest singular value σ, so it stretches"
    " nothing.",
}
