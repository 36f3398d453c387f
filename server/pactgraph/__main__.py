"""`python -m pactgraph` is the command `pactgraph`."""

from pactgraph.cli import main

main()
