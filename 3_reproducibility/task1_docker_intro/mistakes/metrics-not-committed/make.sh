git rm --quiet --cached output/metrics.json
git commit --quiet --message "Outputs are no sources"
