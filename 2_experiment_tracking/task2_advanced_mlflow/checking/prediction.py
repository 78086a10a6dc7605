"""The kept request and answer: `{"request": {...}, "response": {"predictions": [...]}}`, as the served champion takes and gives it."""

from typing import NoReturn

from checks import Workspace, expect
from checks.evidence.documents import parse_json
from checks.evidence.mlflow.mlmodel import Model
from checks.evidence.mlflow.scoring import BODIES, Rows, as_number, fits, predicted_numbers, predictions, request_rows

from .search import NAME, committed

FILE = "prediction.json"
FIX = f"""mlflow models serve -m models:/{NAME}@champion --env-manager local --port 5001
(in a second terminal: send it a request, keep both in {FILE} and commit it: README, step 6)"""


class Kept:
    """The committed file. Raises Failure where it lacks the request or the answer."""

    def __init__(self, work: Workspace) -> None:
        expected = "a request and the answer of the served champion"
        content = committed(work, FILE, expected, message="Ask the served champion", make=FIX)
        document = parse_json(content, FILE)
        self.document = document if isinstance(document, dict) else {}
        for key in ("request", "response"):
            if key not in self.document:
                self.fail("", 'an object with "request" and "response"', f"no {key!r}")

    def fail(self, part: str, expected: str, found: str) -> NoReturn:
        """End the step as failed at a part of the file."""
        expect.fail(looked_at=f"{FILE}{part and ': '}{part}", expected=expected, found=found[:300], fix=FIX)

    def rows(self, model: Model) -> Rows:
        """The rows of the request, which hold every column that the model's signature asks for, with values of its types."""
        if model.signature is None or not model.signature.inputs:
            expected = "a champion whose signature says which columns it takes"
            self.fail("request", expected, "a model without a signature")
        columns = [column for column in model.signature.inputs if column.name]
        names = {str(column.name) for column in columns if column.required}
        rows = self._rows()
        for number, row in enumerate(rows, start=1):
            place = f"row {number} of the request"
            lacking = sorted(names - row.keys())
            if lacking:
                listed = ", ".join(str(column.name) for column in columns)
                self.fail(place, f"the columns of the champion's signature: {listed}", f"no {', '.join(lacking)}")
            for column in columns:
                if column.name in row and not fits(column, row[column.name]):
                    expected = f"a {column.type} in {column.name}, as the champion's signature says"
                    self.fail(place, expected, repr(row[column.name])[:80])
        return rows

    def _rows(self) -> Rows:
        request = self.document["request"]
        keys = [key for key in BODIES if isinstance(request, dict) and key in request]
        if len(keys) != 1:
            self.fail("request", f"one of {', '.join(BODIES)}", f"{len(keys)} of them")
        rows = request_rows(keys[0], request[keys[0]])
        if not rows:
            self.fail("request", "one row or more, each with the names of its columns", f"none in {keys[0]}")
        return rows

    def predictions(self) -> list[float]:
        """The numbers of the answer."""
        response = self.document["response"]
        listed, found = predictions(response), predicted_numbers(response)
        if listed is None:
            self.fail("response", '{"predictions": [...]} as the server answers', "no list of predictions")
        if found is None:
            strange = next(value for value in listed if as_number(value) is None)
            self.fail("response", "finite numbers", repr(strange)[:80])
        return found

    def need_plausible(self, rows: Rows, most: float) -> None:
        """There is a prediction for each row, none far outside of what was ever seen: `most` is the highest.

        A straight line may go below zero and above `most`, but not far. Rows that differ in half of their columns or
        more do not all have one prediction: a tree may well give the same for two rows that are near to each other.
        """
        found, low, high = self.predictions(), -most, 2 * most
        if len(found) != len(rows):
            self.fail("response", f"{len(rows)} predictions, one for each row", f"{len(found)} of them")
        for number in found:
            if not low <= number <= high:
                self.fail("response", f"rentals an hour, between {low:.0f} and {high:.0f} in your city", f"{number:g}")
        first, *others = rows
        far = any(2 * sum(value != row.get(name) for name, value in first.items()) >= len(first) for row in others)
        if far and len(set(found)) == 1:
            same = f"{found[0]:g} for each of {len(rows)} rows"
            self.fail("response", "different predictions for rows that differ in most columns", same)

    def need_refused(self) -> None:
        """Where a malformed request was kept too, the server answered it with a status of 400 to 499."""
        malformed = self.document.get("malformed")
        status = malformed.get("status") if isinstance(malformed, dict) else None
        if malformed is not None and (not isinstance(status, int) or not 400 <= status < 500):
            self.fail("malformed", '"status": 400 to 499, as the server refuses it', f"status {status!r}")
