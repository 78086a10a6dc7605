"""The engines that the tests use where the machine has none: a Docker engine, a conda channel with a conda."""
