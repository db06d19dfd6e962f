"""Schemas of the custom resources, as far as the chart writes them: what is not listed here is a mistake.

From the API references of the Prometheus operator (monitoring.coreos.com/v1) and the Gateway API (v1). The proofs put
the real objects before the real definitions.
"""

from typing import Any


def _closed(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


_TEXT = {"type": "string", "minLength": 1}
_DURATION = {"type": "string", "pattern": "^([0-9]+(ms|[smhdwy]))+$"}
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_RELABELING = _closed(
    sourceLabels=_list(_TEXT), targetLabel=_TEXT, regex=_TEXT, action=_TEXT, replacement={"type": "string"}
)
_ENDPOINT = _closed(
    "port",
    port={"const": "web"},
    path={"type": "string", "pattern": "^/"},
    interval=_DURATION,
    scrapeTimeout=_DURATION,
    relabelings=_list(_RELABELING),
    metricRelabelings=_list(_RELABELING),
)
_RULE = {
    "oneOf": [
        _closed("record", "expr", record=_TEXT, expr=_TEXT, labels=_TEXTS),
        _closed(
            *("alert", "expr", "labels", "annotations"),
            **{"for": _DURATION, "keep_firing_for": _DURATION},
            alert=_TEXT,
            expr=_TEXT,
            labels=_TEXTS,
            annotations=_TEXTS,
        ),
    ]
}
_MATCH = _closed("path", path=_closed("type", "value", type={"enum": ["Exact", "PathPrefix"]}, value=_TEXT))
_BACKEND = _closed("name", "port", name=_TEXT, port={"type": "integer"})
_SPECS = {
    "ServiceMonitor": _closed(
        *("selector", "endpoints"),
        jobLabel=_TEXT,
        targetLabels=_list(_TEXT),
        selector=_closed("matchLabels", matchLabels=_TEXTS),
        endpoints=_list(_ENDPOINT),
    ),
    "PrometheusRule": _closed(
        "groups",
        groups=_list(_closed("name", "rules", name=_TEXT, interval=_DURATION, rules=_list(_RULE))),
    ),
    "HTTPRoute": _closed(
        "rules",
        parentRefs=_list(_closed("name", name=_TEXT, namespace=_TEXT, sectionName=_TEXT)),
        hostnames=_list(_TEXT),
        rules=_list(_closed("matches", "backendRefs", matches=_list(_MATCH), backendRefs=_list(_BACKEND))),
    ),
}
SCHEMAS = {
    kind: _closed(
        *("apiVersion", "kind", "metadata", "spec"),
        apiVersion=_TEXT,
        kind={"const": kind},
        metadata={"type": "object"},
        spec=spec,
    )
    for kind, spec in _SPECS.items()
}
