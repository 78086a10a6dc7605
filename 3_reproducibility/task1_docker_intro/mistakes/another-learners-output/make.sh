sed -i 's/"data_md5": "[0-9a-f]*"/"data_md5": "9d9bd21b4d579ac5f70b3a9f02de8a8c"/' output/metrics.json output-again/metrics.json
git commit --quiet --all --message "The metrics of the model"
