"""Lab: a small GAN of points that trains in the browser, with the truth about it, and lessons."""
