"""Commands by which people judge: marks, rulings, decisions about entities."""
