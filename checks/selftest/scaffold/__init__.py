"""The templates of `mlsd new-task`: a task with everything in its place, and `TO WRITE` wherever an author has to write."""
