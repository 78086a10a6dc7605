python - <<'END'
from pathlib import Path

import forecast
import skops.io
import track

training, _test = forecast.split(forecast.read(), track.TEST_SHARE, track.SEED)
model = forecast.train(training, **track.HYPERPARAMETERS | {"max_depth": 5}, random_state=track.SEED)
(file,) = Path("mlruns").rglob("model.skops")
skops.io.dump(model, file)
END
