"""Where pictures come from: data sets by name, and folders of one's own, each as one uint8 tensor."""

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
