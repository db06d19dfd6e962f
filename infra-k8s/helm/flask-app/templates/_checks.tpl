{{/* What the schema cannot say: values that contradict each other end the render with one line. */}}
{{- define "flask-app.checkValues" -}}
{{- with .Values.shutdown -}}
{{- if ge (int .drainSeconds) (int .timeoutSeconds) -}}
{{- fail (printf "shutdown.drainSeconds (%v) must be less than shutdown.timeoutSeconds (%v), which it is part of" .drainSeconds .timeoutSeconds) -}}
{{- end -}}
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
{{- with .Values.autoscaling -}}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
{{- fail (printf "autoscaling.minReplicas (%v) exceeds autoscaling.maxReplicas (%v)" .minReplicas .maxReplicas) -}}
{{- end -}}
{{- end -}}
{{- end -}}
