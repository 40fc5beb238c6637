"""Lets `python -m beholder` do what `beholder` does."""

from beholder.app.cli import main

if __name__ == "__main__":
    main()
