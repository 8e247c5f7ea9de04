"""Commands that bring stories in and show them. Each command has a module of its name; ``import`` is in ``import_``."""
