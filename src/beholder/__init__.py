"""Score how good an image or a video looks to people, without a reference."""
