"""What ranking reads: outlines of stories, and how common their labels are."""
