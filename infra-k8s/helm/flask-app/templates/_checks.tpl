{{/* What the schema cannot say: values that contradict each other end the render with one line. */}}
{{- define "flask-app.checkValues" -}}
{{- $name := include "flask-app.fullname" . -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- fail (printf "release %s makes the name %q, which a Service may not have (a-z, 0-9 and -, a letter first): set fullnameOverride" .Release.Name $name) -}}
{{- end -}}
{{- with .Values.strategy.rollingUpdate -}}
{{- if and (eq $.Values.strategy.type "RollingUpdate") (has (toString .maxSurge) (list "0" "0%")) (has (toString .maxUnavailable) (list "0" "0%")) -}}
{{- fail "strategy.rollingUpdate.maxSurge and maxUnavailable are both 0: no pod could ever be replaced" -}}
{{- end -}}
{{- end -}}
{{- if le (int .Values.progressDeadlineSeconds) (int .Values.minReadySeconds) -}}
{{- fail (printf "progressDeadlineSeconds (%v) must be more than minReadySeconds (%v)" .Values.progressDeadlineSeconds .Values.minReadySeconds) -}}
{{- end -}}
{{- with .Values.shutdown -}}
{{- if ge (int .drainSeconds) (int .timeoutSeconds) -}}
{{- fail (printf "shutdown.drainSeconds (%v) must be less than shutdown.timeoutSeconds (%v), which it is part of" .drainSeconds .timeoutSeconds) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.app.trustedPrefix (not .Values.app.trustedProxies) -}}
{{- fail "app.trustedPrefix needs app.trustedProxies of 1 or more, whose prefix it is" -}}
{{- end -}}
{{- with .Values.faults -}}
{{- if and .enabled (not .token) (not .existingSecret.name) -}}
{{- fail "faults.enabled needs faults.token (16 characters or more) or faults.existingSecret.name" -}}
{{- end -}}
{{- if and .token .existingSecret.name -}}
{{- fail "faults.token and faults.existingSecret.name are both set: set one" -}}
{{- end -}}
{{- end -}}
{{- $settings := include "flask-app.settings" . | fromYaml -}}
{{- range .Values.extraEnv -}}
{{- if or (hasKey $settings .name) (eq .name "FAULTS_TOKEN") -}}
{{- fail (printf "extraEnv sets %s, which the chart sets itself: use its value under app, shutdown or faults" .name) -}}
{{- end -}}
{{- end -}}
{{- with .Values.serviceMonitor -}}
{{- if and .interval .scrapeTimeout (gt (include "flask-app.sortable" .scrapeTimeout) (include "flask-app.sortable" .interval)) -}}
{{- fail (printf "serviceMonitor.scrapeTimeout (%s) exceeds serviceMonitor.interval (%s)" .scrapeTimeout .interval) -}}
{{- end -}}
{{- end -}}
{{- with .Values.autoscaling -}}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
{{- fail (printf "autoscaling.minReplicas (%v) exceeds autoscaling.maxReplicas (%v)" .minReplicas .maxReplicas) -}}
{{- end -}}
{{- if and .enabled (not (coalesce (($.Values.resources).requests).cpu (($.Values.resources).limits).cpu)) -}}
{{- fail "autoscaling.enabled needs resources.requests.cpu, which the pods' use is measured against" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A duration as text whose order is the durations' own. */}}
{{- define "flask-app.sortable" -}}
{{- dateInZone "2006-01-02T15:04:05.000" (toDate "2006-01-02" "2000-01-01" | mustDateModify .) "UTC" -}}
{{- end -}}
