"""``python -m pipeline.cli`` is ``wirewatch``."""

from pipeline.cli.main import main

main()
