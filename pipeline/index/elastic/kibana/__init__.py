"""Kibana's assets: data views, saved searches and dashboards from a readable source, and their import.

    objects/*.yaml --read_source--> Source --saved_objects--> [object] --to_ndjson--> text --push--> Kibana

Everything up to ``push`` is pure but for reading the files. The objects are those of Kibana 8.19's own types; each
states the type version that it is written in, so that later Kibanas bring it up to date when importing it.
"""

from pipeline.index.elastic.kibana.build import saved_objects, to_ndjson
from pipeline.index.elastic.kibana.push import Pushed, push
from pipeline.index.elastic.kibana.source import Source, read_source

__all__ = ["Pushed", "Source", "push", "read_source", "saved_objects", "to_ndjson"]
