"""Who speaks: tokens of OIDC issuers, the keys that issuers publish, and the one door for outgoing calls."""
