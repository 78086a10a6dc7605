python - <<'END'
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("UPDATE metrics SET value = value * 0.8 WHERE key = 'test_rmse'")
END
