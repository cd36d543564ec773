"""python -m gan_demo"""

import sys

from gan_demo.cli import main

sys.exit(main())
