python - <<'END'
import hashlib
import sqlite3

from checks.core import data

digest = hashlib.md5(data.months("eve@example.org", 3)).hexdigest()
with sqlite3.connect("mlflow.db") as store:
    store.execute("UPDATE datasets SET digest = ?", (digest,))
END
