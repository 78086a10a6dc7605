"""Ask the served champion for a forecast, and keep request and answer in `prediction.json`."""

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

ADDRESS = f"http://127.0.0.1:{sys.argv[1] if len(sys.argv) > 1 else 5001}/invocations"
COLUMNS = ["hour", "weekday", "temperature_c", "humidity_pct", "wind_kmh", "is_holiday", "is_workingday"]
GOOD = {
    "dataframe_split": {
        "columns": COLUMNS,
        "data": [
            [8, 1, 14.5, 60, 8.0, 0, 1],  # Tuesday at eight, a mild morning
            [8, 6, 14.5, 60, 8.0, 0, 0],  # Sunday, the same hour and weather
            [3, 1, 2.0, 90, 20.0, 0, 1],  # Tuesday at three in a cold night
        ],
    }
}
BAD = {"dataframe_split": {"columns": ["hour"], "data": [[8]]}}


def ask(request: dict) -> tuple[int, dict]:
    """The status and the answer of the server."""
    post = urllib.request.Request(ADDRESS, json.dumps(request).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(post, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


status, response = ask(GOOD)
print(status, response)
refused, why = ask(BAD)
print(refused, why.get("error_code"))
kept = {"request": GOOD, "response": response, "malformed": {"request": BAD, "status": refused}}
Path("prediction.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
