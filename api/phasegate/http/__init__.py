"""The HTTP API: bytes in, operations, bytes out."""
