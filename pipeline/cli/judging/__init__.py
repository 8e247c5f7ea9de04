"""Commands by which people judge: marks, rulings, decisions about entities. Each has a module of its name."""
