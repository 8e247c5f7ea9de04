"""What the stages record of their work, and what follows from it: one transaction per outcome.

- record_enriched: enrichments, copy bands and corpus counts
- record_related: links, copies, happenings and the alerts that are due
- record_indexed: which revisions the engine holds, and which documents it refused
- record_alerted: matches and lines of the outbox
- open_alert_tasks: the takes that the alert stage is to look at
- requeue: work that is given up, opened again or replayed
"""
