python - <<'END'
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    for table in ("metrics", "latest_metrics"):
        store.execute(f"UPDATE {table} SET value = value - 2.5 WHERE key = 'rmse'")
END
