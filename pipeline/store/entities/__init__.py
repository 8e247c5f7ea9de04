"""Entities across stories, and operators' decisions about them."""
