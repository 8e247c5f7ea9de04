"""``make bench``: every benchmark in turn, each printing ratios measured side by side in one run."""

from tests.benchmarks import copies_cost, import_cost, parsing_cost, search_cost

for benchmark in (parsing_cost, copies_cost, import_cost, search_cost):
    print(f"\n{(benchmark.__doc__ or '').splitlines()[0]}", flush=True)
    benchmark.main([])
