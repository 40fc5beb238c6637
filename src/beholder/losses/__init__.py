"""Pure functions of tensors: predictions and targets in, one number out; one family a file."""
