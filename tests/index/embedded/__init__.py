"""What is particular to the embedded engine: its folder, its locks, kills and damage."""
