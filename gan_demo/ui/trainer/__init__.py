"""Training from the page: the part of the training tab that starts trainings, follows them and stops them.

machine.py says what may be trained on this machine, zips.py opens an uploaded ZIP, desk.py does what visitors ask for,
and routes.py is where their browsers ask. part.py has the markup, trainer.js and live.js what the browser does with it.
"""
