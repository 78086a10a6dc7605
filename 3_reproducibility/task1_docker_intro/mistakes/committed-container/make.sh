docker rm --force fixed > by-hand.txt 2>&1
docker run --name fixed --user root --entrypoint pip reproducibility-docker:1.0.0 install --quiet --no-deps threadpoolctl >> by-hand.txt 2>&1
docker commit fixed reproducibility-docker:1.0.0
docker rm fixed
rm by-hand.txt
docker image inspect reproducibility-docker:1.0.0 > image.json
docker history --no-trunc --format "{{json .}}" reproducibility-docker:1.0.0 > image-history.json
git commit --quiet --all --message "Describe the image again"
