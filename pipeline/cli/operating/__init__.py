"""Commands for operators. Each has a module of its name."""
