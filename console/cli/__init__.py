"""The command line. Heavy imports wait inside the commands, so that `--help` answers at once.

Exit codes: 0 done; 1 what was asked for failed, or some of it did; 2 wrong usage or settings; 3 another run is at work;
130 interrupted.
"""

from console.cli.main import main

__all__ = ["main"]
