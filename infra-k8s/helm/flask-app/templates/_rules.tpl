{{/*
The rules of files/rules/<file>.yaml with each `${name}` replaced. They are not run as templates: they stay YAML that
Prometheus's own tools read, and Prometheus's `{{ $labels.pod }}` needs no escaping. Takes (dict "root" $ "file" "…" "set" (dict …)).
*/}}
{{- define "flask-app.rules" -}}
{{- $rules := .root.Files.Get (printf "files/rules/%s.yaml" .file) -}}
{{- range $name, $value := .set -}}
{{- $rules = $rules | replace (printf "${%s}" $name) (toString $value) -}}
{{- end -}}
{{- trim $rules -}}
{{- end -}}

{{/* What the rules call `${…}`, beside the windows. A pod of the Deployment is known by the alphabet of its ReplicaSet's hash. */}}
{{- define "flask-app.ruleParameters" -}}
{{- $name := include "flask-app.fullname" . -}}
namespace: {{ .Release.Namespace | quote }}
job: {{ include "flask-app.name" . | quote }}
service: {{ $name | quote }}
selector: {{ printf "namespace=%q,job=%q,service=%q" .Release.Namespace (include "flask-app.name" .) $name | quote }}
deployment: {{ printf "namespace=%q,deployment=%q" .Release.Namespace $name | quote }}
autoscaler: {{ printf "namespace=%q,horizontalpodautoscaler=%q" .Release.Namespace $name | quote }}
pods: {{ printf "%s-[bcdfghjklmnpqrstvwxz2456789]+-[a-z0-9]{5}" $name | quote }}
{{- with .Values.prometheusRule }}
runbooks: {{ trimSuffix "/" .runbookBaseUrl | quote }}
faultActiveFor: {{ .faultActiveFor | quote }}
availability: {{ .slo.availability | quote }}
latency: {{ .slo.latency.objective | quote }}
threshold: {{ .slo.latency.threshold | quote }}
minimumRequests: {{ .slo.minimumRequests | quote }}
{{- end }}
{{- end -}}
