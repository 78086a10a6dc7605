python - <<'END'
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("CREATE TEMP TABLE stray AS SELECT * FROM runs")
    store.execute("UPDATE stray SET run_uuid = '0123456789abcdef0123456789abcdef', name = 'lost-bike-1', experiment_id = 0")
    store.execute("INSERT INTO runs SELECT * FROM stray")
END
