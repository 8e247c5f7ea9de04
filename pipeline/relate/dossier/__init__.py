"""A story's whole affair as one document: in the order of time, with who came in when and what each step added.

contents          what a dossier holds
build             putting it together
time_phrases      dates and lengths of time in a text, in its own words
page, markdown    the document as HTML and as Markdown; wording: how both write times
timeline_chart    the chart of the affair's activity
templates/        the HTML page

build -> page or markdown
"""
