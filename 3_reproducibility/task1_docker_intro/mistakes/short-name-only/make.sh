sed -i -e '/ghcr.io/d' -e 's/"reproducibility-docker:1.0.0",/"reproducibility-docker:1.0.0"/' image.json
git commit --quiet --all --message "One name is enough"
