"""Evaluation: how good and how varied a model's pictures are, and what other people read of it.

Read metrics.py first: the measures, pure functions of features and of class labels. The features are those of the digit
classifier (gan_demo/classifier.py). neighbours.py looks for the nearest picture, which tells copies from new digits.
samples.py draws what is measured, real_pictures.py holds what it is compared with, and evaluate.py puts both together
and writes metrics.json; gan_train.py adds a figure of conditional models, and cache.py keeps on disk what is the same
for every model. best_response.py trains the best
discriminator against a finished generator; told_apart.py has its figures, and what_it_sees.py changes pictures to find
out what it sees. reconstruction.py measures how near a generator comes to real digits. tables.py and card.py show the
figures to people: as tables, and as the model card of a checkpoint.
"""
