git tag --force data-v1.0.0 HEAD
git tag --force data-v1.1.0 HEAD
