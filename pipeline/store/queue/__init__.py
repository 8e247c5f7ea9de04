"""What is still to be done: open tasks, claims with leases, and the quarantine.

- tasks: rows of open work; opening ENRICH again
- index_tasks: which lineages the index is to be written for, and their revisions
- claims: claiming tasks, giving them back, freeing those of a worker that has died
- leases: the columns of a claim, and whether it still holds
- quarantine: what could not be processed, with its reason
"""
