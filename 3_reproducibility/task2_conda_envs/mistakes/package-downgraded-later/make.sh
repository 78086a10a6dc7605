conda install --quiet --yes --prefix ./env joblib=1.4.2
