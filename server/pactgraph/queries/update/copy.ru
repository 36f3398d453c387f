# Adds what one named graph holds to another. MOVE and COPY would do; in Jena 6.2.0 they lose triples (TDB2, target not empty).
INSERT { GRAPH $target { ?s ?p ?o } }
WHERE { GRAPH $source { ?s ?p ?o } }
