"""What several tabs use.

Read in this order: model.py (a loaded checkpoint) and catalogue.py (all there are); address.py (the name of one
picture) and edit.py (a latent that is moved); link.py (settings in links), pins.py (pinned digits) and checks.py (what
a browser may send); then what is laid out: markup.py, widgets.py, canvas.py, drop_zone.py and charts.py, each with its
script and its style. inputs.py has the digits that D may judge, and tab.py says what a tab is.
"""
