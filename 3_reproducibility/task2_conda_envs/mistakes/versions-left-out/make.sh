python -c "
import json
from pathlib import Path
file = Path('metrics.json')
metrics = json.loads(file.read_text())
del metrics['versions']
file.write_text(json.dumps(metrics))
"
git commit --quiet --all --message "Update the environment"
