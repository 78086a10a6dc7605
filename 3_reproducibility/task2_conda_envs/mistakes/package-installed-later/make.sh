conda install --quiet --yes --prefix ./env tabulate=0.9.0
