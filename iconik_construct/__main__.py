"""`python -m iconik_construct`, the same as the command `iconik-construct`."""

import sys

from .cli.main import main

sys.exit(main())
