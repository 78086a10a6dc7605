"""The course proves itself: the starter scores nothing, the solution everything, each mistake fails exactly its step."""
