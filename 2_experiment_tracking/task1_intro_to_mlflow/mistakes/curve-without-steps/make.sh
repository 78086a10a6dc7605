python - <<'END'
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("UPDATE metrics SET step = 0 WHERE key = 'test_rmse'")
    store.execute("UPDATE latest_metrics SET step = 0 WHERE key = 'test_rmse'")
END
