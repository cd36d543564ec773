"""Training: from settings to a finished checkpoint.

Read `iteration.py` first: it is the whole algorithm, one call an iteration. `run.py` turns iterations into a run that
logs, evaluates, saves and can be stopped; `run_folder.py` guards the run's folder and keeps the state to resume from.
`history_writer.py` writes down how the model learns and `history.py` reads it, for the page and the card.
`cuda_graph.py` makes an iteration faster on a GPU and may be read last. Settings, networks, objectives, penalties and
recipes are the textbook one floor up, beside this package, and so is `distributed.py` for several processes.
`jobs.py` has trainings as processes in a queue, for the page; `live.py` reads what one says of itself while it runs.
"""
