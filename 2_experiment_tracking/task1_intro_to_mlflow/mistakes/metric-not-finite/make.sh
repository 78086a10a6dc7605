python - <<'END'
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("UPDATE metrics SET is_nan = 1, value = 0 WHERE key = 'r2'")
    store.execute("UPDATE latest_metrics SET is_nan = 1, value = 0 WHERE key = 'r2'")
END
