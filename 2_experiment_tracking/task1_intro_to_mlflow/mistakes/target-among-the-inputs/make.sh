python - <<'END'
from pathlib import Path

import yaml

for file in Path("mlruns").glob("*/models/*/artifacts/MLmodel"):
    model = yaml.safe_load(file.read_text())
    inputs = model["signature"]["inputs"]
    model["signature"]["inputs"] = inputs.replace("hour", "rentals")
    file.write_text(yaml.safe_dump(model))
END
