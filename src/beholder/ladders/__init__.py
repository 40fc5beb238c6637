"""Ladders: one content encoded at falling rates, so that better and worse are known."""
