# Empties a named graph; one that is not there is empty.
CLEAR SILENT GRAPH $graph
