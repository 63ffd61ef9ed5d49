# SPDX-License-Identifier: EUPL-1.2
"""The `krachtwijk` command."""

import sys


def run() -> None:
    """Entry point of the `krachtwijk` command: Ctrl-C while it is still loading ends it without a traceback."""
    try:
        from krachtwijk.cli import main

        main.run()
    except KeyboardInterrupt:
        sys.exit(130)
