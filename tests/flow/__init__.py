"""The walk between the stages."""
