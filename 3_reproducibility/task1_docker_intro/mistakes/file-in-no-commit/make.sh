echo '{}' > settings.json
echo '!settings.json' >> .dockerignore
sed -i "s/^COPY train.py ./COPY train.py settings.json .\//" Dockerfile
git commit --quiet --all --message "Read settings"
docker build --quiet --label "org.opencontainers.image.revision=$(git rev-parse HEAD)" --tag reproducibility-docker:1.0.0 --tag ghcr.io/ada/reproducibility-docker:1.0.0 .
docker image inspect reproducibility-docker:1.0.0 > image.json
docker history --no-trunc --format "{{json .}}" reproducibility-docker:1.0.0 > image-history.json
git commit --quiet --all --message "Describe the image again"
