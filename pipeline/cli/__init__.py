"""The command line: arguments in, tables and JSON out. What is done in between is ``pipeline.Wirewatch``.

main        finds the command, turns errors into exit statuses
output      tables, progress bars, JSON, times
failures    the error of a command whose other work is done

stories, judging, alerts, operating    a module per command
"""
