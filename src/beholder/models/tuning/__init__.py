"""Ways to adapt a trained model to another set with few parameters, one file per method."""
