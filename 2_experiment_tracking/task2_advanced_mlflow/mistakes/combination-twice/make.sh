python - <<'END'
import sqlite3

store = sqlite3.connect("mlflow.db")
kids = [row[0] for row in store.execute("""
    select run_uuid from runs join tags using (run_uuid) join latest_metrics using (run_uuid)
    where tags.key = 'mlflow.parentRunId' and latest_metrics.key = 'rmse' order by latest_metrics.value
""")]
first, second = kids[-2:]
store.execute("delete from params where run_uuid = ?", [second])
store.execute("insert into params select key, value, ? from params where run_uuid = ?", [second, first])
store.commit()
END
