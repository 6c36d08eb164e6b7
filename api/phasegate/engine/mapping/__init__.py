"""Mappings: adapters written as data. A tool's document in, the data of a shape out; bytes are read elsewhere."""
