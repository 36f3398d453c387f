"""Measurements against named peers, as ratios in one run. `python -m bench` prints them."""
