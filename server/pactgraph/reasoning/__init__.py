"""Reasoning: rules over the data, HermiT for the schema. Each engine where `ontology.md` in docs/model says it is right."""
