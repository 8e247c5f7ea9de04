"""The doorbells between the DAGs. They may be missed or rung twice: who answers reads what is pending in the store."""

from airflow.sdk import Asset

STORIES = Asset(name="stories", uri="wire://stories")
INDEXED = Asset(name="indexed", uri="wire://indexed")
