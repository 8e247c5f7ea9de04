"""What people say of the machine's answers: marks, rulings, decisions about entities; training on judgements."""
