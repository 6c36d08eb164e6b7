"""`phasegate demo`: a release is refused, mended, signed off and launched."""
