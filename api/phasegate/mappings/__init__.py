"""The mappings of a policy as adapters: a tool's bytes as the document that expressions see, among the formats."""
