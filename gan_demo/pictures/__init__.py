"""Pictures: in from anywhere, out to everywhere.

Read in the order a picture takes. `opening.py` opens any file, hostile or not, within bounds of memory.
`preparing.py` finds the digit on it and makes it what a network expects; `mnist_form.py` has the last step, from ink to
28x28 pixels as MNIST's were made. `encoding.py` turns pixels into grids, PNG files and data URLs for the page.
`downloads.py` makes archives and animations to take away, and `export.py` writes labelled samples of a model to disk.
`real_digits.py` has the 1,000 real ones that ship with the project.
"""
