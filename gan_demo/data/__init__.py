"""Data: where training and test pictures come from, each half as one uint8 tensor.

`load` is all that others need. Read `split.py` first, which says what a half of a data set is. Then `sets.py`, the
table of data sets by name, where a new one is a row; and `folder.py`, which reads a folder of a person's own
pictures. `archives.py` reads data sets that are a file or a few: CSV, .npz, idx, parquet. `looking.py` says what is odd
about pictures.
"""

from gan_demo.data.sets import (
    DATA_DIR_VARIABLE,
    DIGIT_DATASETS,
    SOURCES,
    default_data_dir,
    load,
    title,
)
from gan_demo.data.split import Split

__all__ = ["DATA_DIR_VARIABLE", "DIGIT_DATASETS", "SOURCES", "Split", "default_data_dir", "load", "title"]
