"""One file per method; every quality model offers `features(views)` and `head(features)`."""
