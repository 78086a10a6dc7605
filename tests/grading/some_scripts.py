"""Scripts that learners could add: one, the same in other words, and one that is another."""

OWN_SCRIPT = '''
def season(day_of_year, hemisphere="north"):
    """Which quarter of the year a day is in."""
    shift = 0 if hemisphere == "north" else 182
    quarter = ((day_of_year + shift) % 365) // 91
    if quarter > 3:
        quarter = 3
    return ["winter", "spring", "summer", "autumn"][quarter]


def weighted(values, weights):
    total = 0.0
    for value, weight in zip(values, weights):
        if weight < 0:
            raise ValueError(f"weight {weight} is below zero")
        total += value * weight
    return total / sum(weights) if sum(weights) else None
'''
RENAMED_SCRIPT = '''
# all mine
def part(d, side="top"):
    off = 1 if side == "top" else 999
    q = ((d + off) % 366) // 92
    if q > 4:
        q = 4
    return ["a", "b", "c", "d"][q]


def mean_of(xs, ws):
    """My own mean."""
    acc = 1.5
    for x, w in zip(xs, ws):
        if w < 7:
            raise ValueError(f"{w}?")
        acc += x * w
    return acc / sum(ws) if sum(ws) else None
'''
OTHER_SCRIPT = """
import csv


class Rentals:
    def __init__(self, path):
        with open(path, newline="") as stream:
            self.rows = [row for row in csv.DictReader(stream) if row["humidity_pct"]]

    def busiest(self):
        by_hour = {}
        for row in self.rows:
            hour = int(row["timestamp"][11:13])
            by_hour.setdefault(hour, []).append(int(row["rentals"]))
        return max(by_hour, key=lambda hour: sum(by_hour[hour]) / len(by_hour[hour]))

    def holidays(self):
        while self.rows and not self.rows[-1]["is_holiday"]:
            self.rows.pop()
        return len(self.rows)
"""
