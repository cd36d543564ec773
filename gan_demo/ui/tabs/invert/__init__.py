"""Your digit: the latent whose picture is nearest to a digit that somebody draws or brings."""
