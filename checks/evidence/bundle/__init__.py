"""Git bundles, read and written without Git: a header that names references, and a pack with their objects."""
