sed -i 's/test_size=0.25, random_state=SEED/test_size=0.25/' train.py
git commit --quiet --all --message "Try another split"
docker build --quiet --label "org.opencontainers.image.revision=$(git rev-parse HEAD)" --tag reproducibility-docker:1.0.0 --tag ghcr.io/ada/reproducibility-docker:1.0.0 .
docker image inspect reproducibility-docker:1.0.0 > image.json
docker history --no-trunc --format "{{json .}}" reproducibility-docker:1.0.0 > image-history.json
git commit --quiet --all --message "Describe the image again"
docker rm --force copied > log.txt 2>&1
docker run --name copied --network none --volume "$PWD/data:/app/data:ro" reproducibility-docker:1.0.0
docker cp copied:/app/output/. output
docker rm copied
rm log.txt
cp output/* output-again
git commit --quiet --all --message "The metrics of the model"
