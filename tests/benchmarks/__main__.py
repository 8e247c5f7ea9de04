"""``make bench``: every benchmark in turn, each printing ratios measured side by side in one run."""

from tests.benchmarks import (
    copies_cost,
    elastic_indexing,
    followups_cost,
    import_cost,
    matching,
    parsing_cost,
    search_cost,
    tagging_cost,
)

for benchmark in (
    parsing_cost,
    copies_cost,
    tagging_cost,
    import_cost,
    search_cost,
    followups_cost,
    elastic_indexing,
    matching,
):
    print(f"\n{(benchmark.__doc__ or '').splitlines()[0]}", flush=True)
    benchmark.main([])
