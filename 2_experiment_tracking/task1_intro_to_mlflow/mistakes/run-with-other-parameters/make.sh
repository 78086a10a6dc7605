python - <<'END'
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("UPDATE params SET value = '0.05' WHERE key = 'learning_rate'")
    for table in ("metrics", "latest_metrics"):
        store.execute(f"UPDATE {table} SET value = value + 1.25 WHERE key = 'rmse'")
END
