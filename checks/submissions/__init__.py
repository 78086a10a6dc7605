"""Opening what was handed in: a folder, a clone, a branch, an archive or a bundle, each as one learner's work."""
