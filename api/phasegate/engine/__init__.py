"""The pure engine: policy + facts + instant in, decision out. No clock, no database, no framework."""
