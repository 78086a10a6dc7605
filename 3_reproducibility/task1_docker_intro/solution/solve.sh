# What a learner types, in the task folder, after `mlsd start 3.1`. What a learner writes lies beside this file.
finished=$(dirname "$0")
describe() {
  docker image inspect reproducibility-docker:1.0.0 > image.json
  docker history --no-trunc --format "{{json .}}" reproducibility-docker:1.0.0 > image-history.json
}

# 1. Pin the requirements
docker run --rm --volume "$PWD:/work:ro" python:3.11-slim-bookworm sh -c "pip install --quiet --requirement /work/requirements.txt && pip freeze" > pins.txt
mv pins.txt requirements.txt
git add requirements.txt train.py .gitignore ../../learner.toml
git commit -m "Pin the requirements"

# 2. Write the Dockerfile
cp "$finished/Dockerfile" Dockerfile
git add Dockerfile
git commit -m "Describe the image"

# 3. Keep things out
cp "$finished/.dockerignore" .dockerignore
git add .dockerignore
git commit -m "Keep the build context small"

# 4. Build the image
docker build --tag reproducibility-docker:1.0.0 .
describe

# 5. Run it twice
cp "$finished/train.py" train.py
docker build --tag reproducibility-docker:1.0.0 .
docker rm --force first second
docker run --name first --network none --volume "$PWD/data:/app/data:ro" reproducibility-docker:1.0.0
docker cp first:/app/output/. output
docker run --name second --network none --volume "$PWD/data:/app/data:ro" reproducibility-docker:1.0.0
docker cp second:/app/output/. output-again
docker rm first second
git add train.py output/metrics.json
git commit -m "Leave nothing to chance"

# 6. Name it for others
docker build --label "org.opencontainers.image.revision=$(git rev-parse HEAD)" --tag reproducibility-docker:1.0.0 --tag ghcr.io/ada/reproducibility-docker:1.0.0 .
describe
git add image.json image-history.json
git commit -m "Describe the image that is published"
