"""The lab in English. A text that a script fills in has {names}; the choices of a lesson stand between bars."""

TEXTS = {
    "lab": "Lab",
    "lab lede": "A GAN of points trains here, in your browser, with the truth beside it.",
    "lab free": "Free play",
    "lab lessons": "Lessons",
    "lab stage": (
        "Real points are blue and round, generated ones orange and square; the colour behind them is what D believes."
    ),
    "lab stage line": (
        "The data in blue, the generator in orange, D as a line, the best D dashed; below, where G takes z."
    ),
    "lab legend plane": "● real &ensp; ■ generated &ensp; behind them: D says real (blue) or generated (orange)",
    "lab legend label": (
        "● real &ensp; ■ generated with label {label}, the others faint &ensp; behind them: what D says of label "
        "{label}"
    ),
    "lab legend line": (
        "blue: data &ensp; orange: generator &ensp; line: D &ensp; dashed: the best D* &ensp; below: from z to G(z)"
    ),
    "lab busy": "Playing",
    "lab run": "Run",
    "lab pause": "Pause",
    "lab iteration": "One iteration",
    "lab iteration info": "A step of D, then a step of G",
    "lab step_d": "Step D",
    "lab step_d info": "One step of D; G stands still",
    "lab step_g": "Step G",
    "lab step_g info": "One step of G; D stands still",
    "lab best_d": "Train D to its best",
    "lab best_d info": "Steps of D alone, until more of them gain nothing",
    "lab slow": "Slow motion",
    "lab slow info": "The next part of an iteration, with its numbers",
    "lab again": "Start again",
    "lab again info": "The same game from its first step",
    "lab rewind": "Rewind",
    "lab wrong": (
        "The numbers are no longer finite: the rates are too high for this game. Start again with lower ones."
    ),
    "lab broken": "The lab could not be loaded. Reload the page to try again.",
    # Parts of an iteration.
    "lab phase generate": "G draws {batch_size} points: x = G(z)",
    "lab phase loss d": "D judges both. {formula} = {loss_d}, penalty {penalty}",
    "lab phase step d": "D takes a step down its loss: ψ ← ψ − h Adam(∇L_D), ‖∇L_D‖ = {grad_d}",
    "lab phase loss g": "D judges G’s points again. {formula} = {loss_g}",
    "lab phase step g": "G takes a step, through D: θ ← θ − h Adam(∇L_G), ‖∇L_G‖ = {grad_g}",
    "lab phase average": "The average of G follows: θ̄ ← θ̄ + {rate} (θ − θ̄)",
    # Measures.
    "lab step": "Iteration",
    "lab step info": "Steps so far; one that D or G takes alone counts, too",
    "lab js": "JS(data, G)",
    "lab js info": "Jensen–Shannon divergence in nats, 0 to log 2 = .693; of both blurred a little: a lower bound",
    "lab bound": "(V + log 4) / 2",
    "lab bound info": (
        "The JS divergence as far as D knows it, of both blurred. The gap to JS: how far D is from its best"
    ),
    "lab value": "V(D, G)",
    "lab value info": (
        "E[log D(x)] + E[log(1 − D(G(z)))] in nats, of both blurred; −log 4 = −1.386 where D cannot tell"
    ),
    "lab kl": "KL(data ‖ G)",
    "lab kl info": "In nats, of both blurred, a lower bound: large where the generator leaves out data",
    "lab reverse": "KL(G ‖ data)",
    "lab reverse info": "In nats, of both blurred, a lower bound: large where G draws what the data has not",
    "lab w1": "Wasserstein-1",
    "lab w1 plane": "Wasserstein-1, sliced",
    "lab w1 info": (
        "How far the mass has to travel: exact on the line; in the plane the mean over 24 directions of 600 points"
    ),
    "lab modes": "Modes found",
    "lab modes info": "Centres with at least one of 2,500 samples within 3 deviations, as PacGAN counts",
    "lab good": "High quality",
    "lab good info": "Samples within 3 deviations of a centre",
    "lab slope": "Steepest slope of D",
    "lab slope info": "The largest gradient of D’s output on the grid; between its points there may be larger ones",
    "lab loss_d": "Loss of D",
    "lab loss_d info": "Of the last step, without the penalty",
    "lab loss_g": "Loss of G",
    "lab loss_g info": "Of the last step",
    "lab large": "over 100",
    "lab sign least": "a lower bound",
    "lab sign estimate": "an estimate",
    "lab sign exact": "exact",
    "lab curve": "Curve",
    "lab curve empty": "It begins with the first iteration.",
    "lab curve js": "JS divergence",
    "lab curve js told": "[ink] JS&emsp;[soft] what D knows of it",
    "lab curve js alone told": "JS",
    "lab curve w1": "Wasserstein-1",
    "lab curve w1 told": "How far the mass has to travel",
    "lab curve losses": "Both losses",
    "lab curve losses told": "[ink] D&emsp;[fake] G: means of the last steps",
    "lab curve slope": "Steepest slope of D",
    "lab curve slope told": "The largest gradient of D’s output",
    "lab meanings": "What the numbers say",
    # Controls.
    "lab place": "Where",
    "lab place plane": "In the plane",
    "lab place line": "On the line",
    "lab data": "Data",
    "lab data gaussian": "One Gaussian",
    "lab data ring": "Ring of 8",
    "lab data grid": "Grid of 25",
    "lab data islands": "Two far islands",
    "lab data spiral": "Spiral",
    "lab data own": "Drawn by hand",
    "lab data two": "Two Gaussians",
    "lab draw here": "Draw your data with the pointer, or with the keys: the arrows move a cross.",
    "lab draw keys": (
        "Cross at ({x}, {y}), points: {count}. Arrows move it (with Shift farther), Space or Enter puts a point, "
        "Backspace takes the last away, Escape ends."
    ),
    "lab objective": "Objective",
    "lab objective non-saturating": "Non-saturating",
    "lab objective minimax": "Minimax",
    "lab objective least-squares": "Least squares",
    "lab objective wasserstein": "Wasserstein",
    "lab objective hinge": "Hinge",
    "lab objective relativistic": "Relativistic",
    "lab penalty": "Penalty",
    "lab penalty none": "None",
    "lab penalty clip": "Clipping",
    "lab penalty gradient": "Gradient penalty",
    "lab penalty dragan": "DRAGAN",
    "lab penalty r1": "R1",
    "lab penalty r2": "R2",
    "lab penalty r1+r2": "R1 + R2",
    "lab field": "Behind the points",
    "lab field d": "What D believes",
    "lab field best": "What the best D would",
    "lab field difference": "D minus the best D",
    "lab field slope": "Slope of D against 1",
    "lab arrows": "Arrows",
    "lab arrows none": "None",
    "lab arrows minimax": "Saturating gradient",
    "lab arrows non-saturating": "Non-saturating gradient",
    "lab arrows critic": "Critic’s gradient",
    "lab lattice": "G’s lattice",
    "lab spectral": "Spectral norm in D",
    "lab more": "Rates and sizes",
    "lab lr_d": "Rate of D",
    "lab lr_g": "Rate of G",
    "lab d_steps": "D steps a G step",
    "lab penalty_weight": "Penalty’s weight",
    "lab beta1": "Adam’s β₁",
    "lab batch_size": "Batch",
    "lab g_layers": "G’s hidden layers",
    "lab g_width": "G’s neurons a layer",
    "lab d_layers": "D’s hidden layers",
    "lab d_width": "D’s neurons a layer",
    "lab label": "Label",
    "lab seed": "Seed",
    "lab rate": "Speed",
    "lab rate 0": "As fast as it goes",
    "lab rate 5": "5 a second",
    "lab rate 30": "30 a second",
    # Lessons.
    "lab check": "Check",
    "lab right": "Right.",
    "lab not right": "Not quite.",
    "lab yours": "Your guess was {guess}.",
    "lab try": "See it happen",
    "lab next": "Next lesson: {title}",
    "lab game title": "The game",
    "lab game question": (
        "D has learned to tell the blue data from the orange generator, and V(D, G) says how well. Now G takes twenty "
        "small steps and D stands still. What does V do?"
    ),
    "lab game choices": "It rises|It falls|It stays",
    "lab game answer": (
        "V went from {before} to {after}. Both play for this one number: D moves to raise it and G to lower it, like "
        "police and forgers who share one score. Neither wins for good, because each step of one changes the task of "
        "the other."
    ),
    "lab game then": "Below, play both by hand: Step D, then Step G, and watch V(D, G).",
    "lab best title": "The best D",
    "lab best question": (
        "The data is N(0, 1), the generator N(2, 1). Which probability of “real” should the best D give at x = 0?"
    ),
    "lab best answer": (
        "At x = 0 the data’s density is {p} and the generator’s {q}, so D* = {value}. D* needs no training: it is the "
        "data’s share of all that lies at x. When both densities agree, the share is 1/2 everywhere, and nobody can "
        "tell them apart."
    ),
    "lab best caption": "[real] density of the data&emsp;[fake] of the generator&emsp;[ink] the best D",
    "lab log4 title": "−log 4 and JS",
    "lab log4 question": (
        "The generator moves away from the data: its mean goes from 0 to 8. With the best D, the game is worth "
        "C = −log 4 + 2 JS. Where does C go?"
    ),
    "lab log4 choices": "It stays at −1.386|To 0|To +∞",
    "lab log4 answer": (
        "At 8, C is {c}, JS is {js}, and KL is {kl}. C starts at −log 4 = −1.386 and never passes 0, because JS is "
        "never more than log 2. From 4 on it hardly moves, while KL and the Wasserstein distance go on growing."
    ),
    "lab log4 then": "Now move the generator, and watch the four numbers.",
    "lab log4 caption": "[real] data&emsp;[fake] generator",
    "lab log4 slider": "Generator’s mean",
    "lab loss title": "Why the loss changed",
    "lab loss question": (
        "The generator is 8 away from the data and D is at its best. G can lower log(1 − D), the saturating loss, or "
        "−log D. How strong is the gradient of the first beside that of the second?"
    ),
    "lab loss choices": "About the same|A tenth|Less than a thousandth",
    "lab loss formula": "E |d/dx log(1 − D*)|&ensp;against&ensp;E |d/dx −log D*|,&ensp;over x = G(z)",
    "lab loss answer": (
        "It is {saturating} against {nonSaturating}. Where D is sure, D is near 0 and log(1 − D) is flat, so G learns "
        "nothing just when it is worst. Both losses agree on where the game ends, but only the second one gets there "
        "from afar."
    ),
    "lab loss race": (
        "From 8 away, after 300 iterations of plain gradient descent: saturating at {minimax}, non-saturating at "
        "{non-saturating}; the data is at 0. Adam, which divides by the gradient’s size, hides part of this."
    ),
    "lab collapse title": "Collapse",
    "lab collapse question": (
        "Eight islands, and a D that learns a hundred times slower than G. How many islands does G cover after 300 "
        "iterations?"
    ),
    "lab collapse choices": "All 8|3 to 7|At most 2",
    "lab collapse formula": (
        "Two points, both on one → one between → each on its own.&ensp;Log loss: ½ max<sub>D</sub> V.&ensp;"
        "Relativistic: max<sub>D</sub> E log σ(D(x) − D(y)), y paired with its own x"
    ),
    "lab collapse answer": (
        "This slow D: {slow} of 8; a D a hundred times quicker than G: {quick}; equal ones with R1: {fair}, after 500 "
        "iterations. All of G runs to the place that a slow D likes now, and then to the next. A D that has won gives "
        "G no gradient."
    ),
    "lab collapse more": "Why pairs help",
    "lab collapse reason": (
        "One of two generated points has to leave the first data point for the second. Under the log loss it must "
        "climb a hill on its way ({logPath}). Under the relativistic loss, where each point has its own partner, "
        "there is no hill ({pairsPath})."
    ),
    "lab collapse then": "Below, run it with this slow D. Then set the rate of D to 0.01 and the penalty to R1.",
    "lab disjoint title": "Far apart",
    "lab disjoint question": "Two thin piles lie 1 apart, then 4 apart. How does JS change?",
    "lab disjoint choices": "It doubles|It grows fourfold|Not at all",
    "lab disjoint formula": "JS(p, q) = log 2 where p and q do not meet;&ensp;W₁(p, q) = how far p lies from q",
    "lab disjoint answer": (
        "JS is {near} at 1 and {far} at 4: log 2 both times, as no D can be surer than sure. Wasserstein-1 is the "
        "distance itself, {w1}, and so it tells G the way, if D’s slope is at most 1. Clipping weights to 0.01 makes "
        "sure of that, at a price: after 150 iterations on the ring D’s steepest slope was {clipped}, and {penalised} "
        "with a gradient penalty, which only pulls slopes towards 1, and only between real and generated points."
    ),
    "lab disjoint then": (
        "Move the second pile in the chart. Below, run a critic with clipped weights; then choose the gradient penalty."
    ),
    "lab disjoint slider": "Distance",
    "lab lipschitz title": "Lipschitz",
    "lab lipschitz question": (
        "A function is K-Lipschitz if it stays between two lines of slope K and −K, wherever on it they cross. "
        "Drag the crossing along the curve. Which K is just enough?"
    ),
    "lab lipschitz answer": (
        "K = {value}, the steepest slope of this curve. A critic with K = 1 measures the Wasserstein distance. The "
        "gradient penalty pulls slopes to 1, R1 pulls them to 0 at the data, and spectral norm bounds each layer."
    ),
    "lab lipschitz then": "Below, run a critic with gradient penalty: blue where its slope is above 1, orange below.",
    "lab lipschitz slider": "Where the lines cross",
    "lab dirac title": "Does it converge?",
    "lab dirac question": (
        "The smallest GAN: one real point at 0, one generated at θ, and D(x) = ψx. It starts at (θ, ψ) = (1, 1) with "
        "the minimax loss. In each step D moves first, then G, both by plain gradient descent with rate h = 0.1. How "
        "far from the goal (0, 0) is it after 500 steps?"
    ),
    "lab dirac choices": "It has arrived|About as far as before|It flies away",
    "lab dirac answer": (
        "{minimax}, after {start} at the start: it goes around, and if both moved at once it would fly away, to "
        "{together}. With R1 it is {r1}; without, the non-saturating loss gets to {non-saturating} and Wasserstein "
        "stays at {wasserstein}. Near the goal each player’s best move undoes the other’s, and a penalty is the "
        "friction that ends it."
    ),
    "lab dirac formula": (
        "first ψ ← ψ − h ∂L<sub>D</sub>/∂ψ,&ensp;then θ ← θ − h ∂L<sub>G</sub>/∂θ;&ensp;h = 0.1,&ensp;"
        "R1 = γ ψ² / 2 with γ = 1"
    ),
    "lab dirac caption": "θ in 500 steps:&emsp;[ink] minimax&emsp;[real] non&#8209;saturating&emsp;[fake] Wasserstein",
    "lab entropy title": "Surprise",
    "lab entropy question": "A fair coin surprises you by 1 bit. By how many bits does a fair die with ten sides?",
    "lab entropy answer": (
        "{value} bits = log₂ 10, or {nats} nats. Entropy is the mean surprise, cross-entropy the mean surprise of "
        "somebody who believes q, and KL is what the wrong belief costs; D’s log loss is a cross-entropy. To make "
        "it as small as possible is maximum likelihood: p = {coin} for 7 heads in 10, a Gaussian around {middle} for "
        "the points 0, 1 and 5."
    ),
    "lab entropy caption": "In bits, by what you believe:&emsp;[ink] cross-entropy&emsp;[soft] entropy",
    "lab entropy slider": "You believe that heads comes with",
    "lab entropy reading": (
        "A coin falls on heads with .7: entropy {entropy} bits, your cross-entropy {cross}, their difference, KL, {kl}."
    ),
    "lab conditional title": "Ask for one",
    "lab conditional question": (
        "Now G and D are told a label, the number of an island. Trained so, where do G’s points with label 3 go?"
    ),
    "lab conditional choices": "All over the ring|To island 3|To the centre",
    "lab conditional answer": (
        "{share} of G’s points lie on the island of their label. D sees point and label together, so a good point with "
        "a wrong label is a fake. No island is forgotten, because each label is asked for."
    ),
    "lab conditional then": "Below, run it, and choose a label among the settings.",
    "lab digits title": "Back to digits",
    "lab digits question": (
        "Now pictures of digits, real and generated. How large is their JS divergence at least, of at most .693?"
    ),
    "lab digits choices": "Near 0|About a third of that|More than half of that",
    "lab digits formula": "JS ≥ (V(D, G) + log 4) / 2,&ensp;at most log 2 = .693",
    "lab digits answer": (
        "{models} Look at a real training’s losses, at V and its bound, and at what D and the best D of the page say "
        "of your own digit."
    ),
    "lab digits measured": (
        "At least {least} for every model here whose best D is known ({count}), by the best D at its sharpest: it sees "
        "every grey level, and most of what it finds in good generators are traces of grey that real digits lack and "
        "no eye sees. The best D of the page, which sees coarse pictures, finds at least {coarse}."
    ),
    "lab digits none": (
        "More than half of that even for good models, by the best D at its sharpest, which sees every grey level."
    ),
    "lab digits bars": (
        "[ink] by the best D, at its sharpest&emsp;[soft] by the best D of the page, which sees coarse pictures&emsp;"
        "Full: .693"
    ),
    "lab digits training": "Losses of a real training",
    "lab digits discriminator": "What D says of your digit",
    "lab digits samples": "Digits of a generator",
}
