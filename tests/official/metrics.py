"""Reads metrics from standard input as Prometheus' own client does, and writes what it has
read as JSON: each family's type, and its samples."""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families

families = {
    family.name: {
        "type": family.type,
        "help": family.documentation,
        "samples": [
            {"name": sample.name, "labels": sample.labels, "value": str(sample.value)}
            for sample in family.samples
        ],
    }
    for family in text_string_to_metric_families(sys.stdin.read())
}
json.dump(families, sys.stdout)
