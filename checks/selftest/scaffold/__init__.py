"""What `mlsd new-task` writes: a task with everything in its place, and `TO WRITE` wherever an author has to write."""
