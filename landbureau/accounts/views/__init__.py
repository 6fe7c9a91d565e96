"""Pages about people, grants, work, absences and the bureau, and about signing in."""
