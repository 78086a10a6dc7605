docker build --quiet --tag reproducibility-docker:1.0.0 --tag ghcr.io/ada/reproducibility-docker:1.0.0 .
docker image inspect reproducibility-docker:1.0.0 > image.json
docker history --no-trunc --format "{{json .}}" reproducibility-docker:1.0.0 > image-history.json
git commit --quiet --all --message "Describe the image again"
