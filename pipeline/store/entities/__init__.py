"""Operators' decisions about entities: that two names are one entity, or that one name is two.

- decision_rules: decisions applied to an enrichment; pure
- decisions: decisions as rows, applied to what the enrich stage records, and the takes that each one is about
"""
