"""`phasegate demo`: a real release is refused, mended and cleared."""
