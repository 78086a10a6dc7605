sed -i 's/test_size=0.25, random_state=SEED/test_size=0.25/' train.py
git commit --quiet --all --message "Try another split"
docker build --quiet --label "org.opencontainers.image.revision=$(git rev-parse HEAD)" --tag reproducibility-docker:1.0.0 --tag ghcr.io/ada/reproducibility-docker:1.0.0 .
for folder in output output-again; do
  docker run --name "unseeded-$folder" --network none --volume "$PWD/data:/app/data:ro" reproducibility-docker:1.0.0
  docker cp "unseeded-$folder:/app/output/." "$folder"
  docker rm "unseeded-$folder"
done
docker image inspect reproducibility-docker:1.0.0 > image.json
docker history --no-trunc --format "{{json .}}" reproducibility-docker:1.0.0 > image-history.json
git commit --quiet --all --message "Describe the image again"
