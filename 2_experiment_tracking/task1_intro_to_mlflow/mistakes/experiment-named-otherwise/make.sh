python - <<'END'
import sqlite3

with sqlite3.connect("mlflow.db") as store:
    store.execute("UPDATE experiments SET name = 'Bike Demand' WHERE name = 'bike-demand'")
END
