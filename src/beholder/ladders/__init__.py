"""Ladders: one content encoded at falling rates, so that its better and worse versions are known."""
