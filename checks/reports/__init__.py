"""One renderer a file: each is a pure function from the result model to text, and computes no score."""
