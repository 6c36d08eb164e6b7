"""Standard envelopes that name artifacts by digest: bytes in, one frozen value out; nothing is looked up."""
