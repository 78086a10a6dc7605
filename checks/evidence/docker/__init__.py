"""What Docker builds from and makes: Dockerfiles, ignore files, and images in an engine, an archive or a description."""
