"""Reads what was sent to a collector from standard input, with OpenTelemetry's own
definition of the protocol, and writes it as JSON: who sent it, and each span."""

import json
import sys

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status


def value(it):
    return getattr(it, it.WhichOneof("value"))


def named(attributes):
    return {attribute.key: value(attribute.value) for attribute in attributes}


def told(span):
    return {
        "trace": span.trace_id.hex(),
        "span": span.span_id.hex(),
        "parent": span.parent_span_id.hex(),
        "name": span.name,
        "kind": Span.SpanKind.Name(span.kind),
        "from": span.start_time_unix_nano,
        "to": span.end_time_unix_nano,
        "status": Status.StatusCode.Name(span.status.code),
        "attributes": named(span.attributes),
    }


request = ExportTraceServiceRequest.FromString(sys.stdin.buffer.read())
resources = [
    {
        "resource": named(it.resource.attributes),
        "spans": [told(span) for scope in it.scope_spans for span in scope.spans],
    }
    for it in request.resource_spans
]
json.dump(resources, sys.stdout)
