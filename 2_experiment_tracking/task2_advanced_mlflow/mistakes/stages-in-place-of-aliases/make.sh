python - <<'END'
import sqlite3

store = sqlite3.connect("mlflow.db")
store.execute("delete from registered_model_aliases")
store.execute("update model_versions set current_stage = case version when 1 then 'Production' else 'Staging' end")
store.commit()
END
