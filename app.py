"""The command line; nothing else. `python app.py --help`."""

from __future__ import annotations

import gc
import sys

gc.disable()  # what is loaded stays; looking through it again and again takes a fifth of the start

from commands.main import main

gc.enable()

if __name__ == "__main__":
    sys.exit(main())
