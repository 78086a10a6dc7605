"""The command line `mlsd`: one file a verb. The only code that prints or exits."""
