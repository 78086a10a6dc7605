sed -i 's#ghcr.io/ada/reproducibility-docker:1.0.0#ghcr.io/ada/reproducibility-docker:latest#' image.json
git commit --quiet --all --message "Publish the newest"
