rm mlruns/*/models/*/artifacts/model.skops
