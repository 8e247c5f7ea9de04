"""Which stories report the same event.

evidence          what a story tells of its event, by kind of evidence; evidence_cache keeps it
likeness          how likely two stories report one event
neighbourhoods    which stories are looked at together
clustering        the happenings among some stories
assignment        a batch of stories -> the happenings that change

assignment -> evidence_cache -> likeness -> neighbourhoods -> clustering
"""
