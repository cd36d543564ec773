"""python -m gan_demo.hub"""

import sys

from gan_demo.hub.command import main

sys.exit(main())
