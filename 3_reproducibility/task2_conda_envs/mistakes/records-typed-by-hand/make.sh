sed -i "s/\"version\": \"1.5.2\"/\"version\": \"1.5.1\"/" env/conda-meta/joblib-*.json
