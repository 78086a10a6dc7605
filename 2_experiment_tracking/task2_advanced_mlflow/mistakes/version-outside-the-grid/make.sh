python - <<'END'
import sqlite3

store = sqlite3.connect("mlflow.db")
store.execute("update model_versions set run_id = (select run_uuid from runs where name = 'grid') where version = 2")
store.commit()
END
