"""What several tasks assert of a workspace: one kind of evidence a file."""
