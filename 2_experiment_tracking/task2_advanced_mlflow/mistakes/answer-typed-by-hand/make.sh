python - <<'END'
import json
from pathlib import Path

file = Path("prediction.json")
kept = json.loads(file.read_text())
kept["response"]["predictions"] = [round(value * 1.04 + 1, 2) for value in kept["response"]["predictions"]]
file.write_text(json.dumps(kept))
END
git commit --quiet --all --message "Change prediction.json"
