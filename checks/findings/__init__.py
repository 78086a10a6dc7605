"""What learners share: fingerprints of the evidence, and what an instructor should look at."""
