"""From what was handed in to a judged class: opening submissions, judging one, judging many, writing the results."""
