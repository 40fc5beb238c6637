"""Scoring over HTTP: uploads, one queue, a pool of worker processes, and the page."""
