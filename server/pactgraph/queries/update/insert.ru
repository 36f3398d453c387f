# Adds some triples to a named graph.
INSERT DATA { GRAPH $graph {
$triples
} }
