"""For operators: quarantine, retention, Kibana."""
