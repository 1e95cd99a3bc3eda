"""The command line, one command a file: parse, call, print. No thinking is done here."""
