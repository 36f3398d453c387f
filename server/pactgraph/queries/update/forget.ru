# Removes what the graph of written views says of one view.
PREFIX dcterms: <http://purl.org/dc/terms/>
DELETE { GRAPH $graph { ?writing ?property ?value } }
WHERE { GRAPH $graph { ?writing dcterms:subject $view ; ?property ?value } }
