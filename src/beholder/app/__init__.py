"""The doors of Beholder: the command line."""
