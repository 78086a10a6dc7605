"""Readers of Docker: Dockerfiles, ignore files, and images in an engine, an archive or a description."""
