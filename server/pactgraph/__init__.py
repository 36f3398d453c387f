"""Pactgraph: states, leaders, the pacts between them and the domains they cooperate in, as linked data."""
