"""Frozen models of very different pre-tasks, and the features that they see in rated files."""
