"""`make bench-letters`: what planning letters costs in a house of a million enrollments."""
