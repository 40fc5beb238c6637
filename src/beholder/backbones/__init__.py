"""Networks that know nothing of quality, and the operators they are made of."""
