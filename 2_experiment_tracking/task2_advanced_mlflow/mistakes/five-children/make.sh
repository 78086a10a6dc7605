python - <<'END'
import sqlite3

store = sqlite3.connect("mlflow.db")
kids = [row[0] for row in store.execute("""
    select run_uuid from runs join tags using (run_uuid) join latest_metrics using (run_uuid)
    where tags.key = 'mlflow.parentRunId' and latest_metrics.key = 'rmse' order by latest_metrics.value
""")]
store.execute("update runs set lifecycle_stage = 'deleted' where run_uuid = ?", kids[-1:])
store.commit()
END
